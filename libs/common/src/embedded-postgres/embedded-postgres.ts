import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  chownSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Binaries, findBinaries } from './binaries.js';
import { tiedToParent, type Unprivileged, unprivileged } from './unprivileged.js';

export interface EmbeddedPostgresOptions {
  /** A folder of its own: the cluster, its log, its port and its password. */
  readonly dir: string;
  /** Gives up durability for speed. For tests only. */
  readonly durability?: 'full' | 'none';
}

interface Access {
  readonly port: number;
  readonly password: string;
}

const START_TIMEOUT_MS = 60_000;
const POLL_MS = 10;
/**
 * As durable as ever, and less of a burden: the write-ahead log is kept for reuse and not made anew, pages are imaged into
 * it less often as checkpoints are further apart, and the images are compressed. Recovery after a kill reads at most
 * this much of it.
 */
const WAL = ['min_wal_size=256MB', 'max_wal_size=2GB', 'checkpoint_timeout=15min', 'wal_compression=on'];
const MEMORY = ['shared_buffers=256MB'];
const FAST_AND_LOOSE = ['fsync=off', 'synchronous_commit=off', 'full_page_writes=off'];

/**
 * A real Postgres server as a child process, listening on loopback only. Its data survive a restart and a
 * kill -9; a server that outlived us is attached to instead of started.
 */
export class EmbeddedPostgres {
  private constructor(
    readonly url: string,
    private readonly pid: number,
  ) {}

  static async start(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
    const clusterDir = join(options.dir, 'cluster');
    mkdirSync(options.dir, { recursive: true });
    const binaries = findBinaries();
    const access = await accessOf(options.dir);
    if (!existsSync(join(clusterDir, 'PG_VERSION'))) initialise(binaries, clusterDir, access);
    const url = `postgres://postgres:${access.password}@127.0.0.1:${access.port}/postgres`;
    const alive = await survivor(clusterDir);
    if (alive) return new EmbeddedPostgres(url, alive);
    const child = launch(binaries, options, access);
    await ready(child, clusterDir, join(options.dir, 'postgres.log'));
    child.unref();
    return new EmbeddedPostgres(url, readPidFile(clusterDir)?.pid ?? 0);
  }

  /** A fast shutdown: open connections are cut, everything committed is on disk. */
  async stop(): Promise<void> {
    if (this.pid <= 1) return;
    try {
      process.kill(this.pid, 'SIGINT');
    } catch {
      return; // Gone already.
    }
    while (isAlive(this.pid)) await sleep(POLL_MS);
  }
}

/** The port and the password, chosen once and kept beside the cluster. */
async function accessOf(dir: string): Promise<Access> {
  const path = join(dir, 'access.json');
  if (existsSync(path)) return JSON.parse(readFileSync(path, 'utf8')) as Access;
  const access = { port: await freePort(), password: randomBytes(18).toString('hex') };
  writeFileSync(`${path}.partial`, JSON.stringify(access), { mode: 0o600 });
  renameSync(`${path}.partial`, path);
  return access;
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}

/** Built beside its place and moved there when whole, so that a kill in the middle leaves no half cluster. */
function initialise({ initdb }: Binaries, clusterDir: string, { password }: Access): void {
  const partial = `${clusterDir}.partial`;
  rmSync(partial, { recursive: true, force: true });
  mkdirSync(partial, { recursive: true, mode: 0o700 });
  const user = unprivileged(partial);
  const passwordFile = join(partial, '..', `password.${process.pid}`);
  writeFileSync(passwordFile, `${password}\n`, { mode: 0o600 });
  if (user.ids.uid !== undefined) chownSync(passwordFile, user.ids.uid, user.ids.gid ?? user.ids.uid);
  const args = ['-D', partial, '-U', 'postgres', '-A', 'scram-sha-256', '--pwfile', passwordFile, '-E', 'UTF8'];
  const locale = ['--locale-provider=builtin', '--builtin-locale=C.UTF-8', '--locale=C', '--no-instructions'];
  const [command = initdb, ...rest] = [...user.prefix, initdb, ...args, ...locale];
  const { status, stderr, error } = spawnSync(command, rest, { ...user.ids, cwd: '/', encoding: 'utf8' });
  rmSync(passwordFile, { force: true });
  if (status !== 0) throw new Error(`initdb failed: ${error?.message ?? ''}${stderr ?? ''}`);
  renameSync(partial, clusterDir);
}

function launch({ postgres }: Binaries, { dir, durability }: EmbeddedPostgresOptions, { port }: Access): ChildProcess {
  const clusterDir = join(dir, 'cluster');
  const user: Unprivileged = unprivileged(clusterDir);
  const settings = ['listen_addresses=127.0.0.1', 'unix_socket_directories=', 'max_connections=200', ...WAL, ...MEMORY];
  if (durability === 'none') settings.push(...FAST_AND_LOOSE);
  const args = ['-D', clusterDir, '-p', String(port), ...settings.flatMap((setting) => ['-c', setting])];
  const [command = postgres, ...rest] = [...user.prefix, ...tiedToParent(), postgres, ...args];
  const log = openSync(join(dir, 'postgres.log'), 'a');
  // Detached: a Ctrl-C in the terminal must reach us first, and Postgres only through us.
  const child = spawn(command, rest, { ...user.ids, cwd: '/', stdio: ['ignore', log, log], detached: true });
  closeSync(log);
  return child;
}

interface PidFile {
  readonly pid: number;
  readonly status: string | undefined;
}

/** postmaster.pid: the first line is the process, the eighth is `ready` when it accepts connections. */
function readPidFile(clusterDir: string): PidFile | undefined {
  try {
    const lines = readFileSync(join(clusterDir, 'postmaster.pid'), 'utf8').split('\n');
    const pid = Number(lines[0]);
    return Number.isInteger(pid) && pid > 1 ? { pid, status: lines[7]?.trim() } : undefined;
  } catch {
    return undefined;
  }
}

/** The server that outlived the process that started it, once it is settled whether it stays or stops. */
async function survivor(clusterDir: string): Promise<number | undefined> {
  const deadline = Date.now() + START_TIMEOUT_MS;
  while (Date.now() < deadline) {
    const found = readPidFile(clusterDir);
    if (!found || !isPostgres(found.pid)) return undefined;
    if (found.status === 'ready') return found.pid;
    await sleep(POLL_MS);
  }
  throw new Error(`A Postgres server holds ${clusterDir} but neither becomes ready nor stops`);
}

async function ready(child: ChildProcess, clusterDir: string, logPath: string): Promise<void> {
  let ended: string | undefined;
  child.once('exit', (code, signal) => (ended = `exit ${code ?? signal}`));
  child.once('error', (error) => (ended = error.message));
  const deadline = Date.now() + START_TIMEOUT_MS;
  while (Date.now() < deadline) {
    if (ended) throw new Error(`Postgres did not start (${ended}): ${readFileSync(logPath, 'utf8').slice(-800)}`);
    const file = readPidFile(clusterDir);
    if (file?.status === 'ready' && isAlive(file.pid)) return;
    await sleep(POLL_MS);
  }
  throw new Error(`Postgres was not ready after ${START_TIMEOUT_MS} ms; its log is ${logPath}`);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
  return !isZombie(pid);
}

function isZombie(pid: number): boolean {
  try {
    return /\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false; // No /proc here: a child of ours is reaped by Node itself.
  }
}

/** A process number may have been given to another program since the file was written. */
function isPostgres(pid: number): boolean {
  if (!isAlive(pid)) return false;
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('postgres');
  } catch {
    return process.platform !== 'linux';
  }
}
