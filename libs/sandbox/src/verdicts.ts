import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, readlinkSync, realpathSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { release, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { readHierarchies } from './cgroups/hierarchies.js';
import { findExecutable } from './runtimes/find-executable.js';
import { ownPath } from './runtimes/launch.js';
import { runtimesDir } from './runtimes/runtimes-dir.js';

/** Raised when the trial tries something else: what passed before does not count any more. */
const TRIAL = 1;
const KEPT = 16;
const TRIED_IN_IT = ['python3', 'ffmpeg', 'ffprobe', 'sh', 'setpriv', 'env'];
const BOOTSTRAPS = ['nodejs.mjs', 'calls.mjs', 'template.mjs', 'python.py', 'template.py', 'guard.sh', 'listen.mjs'];
const BOOT_ID = '/proc/sys/kernel/random/boot_id';
const NAMESPACES = ['user', 'mnt', 'pid', 'net', 'cgroup'];

/**
 * Trials that were passed, each under a fingerprint of all that it was about: the boot of the machine first of all, so
 * that nothing counts that was not tried since then; the kernel, what we may do, the driver's program and choices, and
 * the programs that were run inside. What failed is tried again each time.
 */
export class Verdicts {
  constructor(private readonly file: string) {}

  has(fingerprint: string): boolean {
    return this.read().includes(fingerprint);
  }

  add(fingerprint: string): void {
    mkdirSync(dirname(this.file), { recursive: true });
    const all = [fingerprint, ...this.read().filter((known) => known !== fingerprint)].slice(0, KEPT);
    const partial = `${this.file}.${process.pid}`;
    writeFileSync(partial, JSON.stringify(all), { mode: 0o600 });
    renameSync(partial, this.file);
  }

  /** Nothing, if somebody else may have written it. */
  private read(): string[] {
    try {
      const { uid, mode } = statSync(this.file);
      if (uid !== process.getuid?.() || (mode & 0o022) !== 0) return [];
      const known: unknown = JSON.parse(readFileSync(this.file, 'utf8'));
      return Array.isArray(known) ? known.filter((one) => typeof one === 'string') : [];
    } catch {
      return []; // There is none yet, or it is broken: it is only tried again.
    }
  }
}

/** Undefined where it cannot be told which boot this is. */
export function fingerprintOf(
  { driver, program }: { readonly driver: string; readonly program: string },
  choice: object,
  boot: string = read(BOOT_ID),
): string | undefined {
  if (!boot) return undefined;
  const path = ownPath();
  const found = TRIED_IN_IT.map((name) => findExecutable(name, { path, dir: '/' }));
  const files = [program, process.execPath, ...found, ...BOOTSTRAPS.map((name) => join(runtimesDir(), name))];
  const rights = read('/proc/self/status').match(/^(Cap|Uid|Gid|NoNewPrivs|Seccomp:).*$/gm);
  const facts = [
    TRIAL,
    boot,
    release(),
    NAMESPACES.map((name) => link(`/proc/self/ns/${name}`)),
    rights,
    readHierarchies(),
    tmpdir(),
    path,
    driver,
    choice,
    files.map((file) => file && stateOf(file)),
  ];
  return createHash('sha256').update(JSON.stringify(facts)).digest('hex');
}

function stateOf(file: string): unknown[] {
  try {
    const real = realpathSync(file);
    const { ino, size, mtimeMs, mode } = statSync(real);
    return [file, real, ino, size, mtimeMs, mode];
  } catch {
    return [file];
  }
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    return '';
  }
}

function link(file: string): string {
  try {
    return readlinkSync(file);
  } catch {
    return '';
  }
}
