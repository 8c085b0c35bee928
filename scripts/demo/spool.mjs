import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

const root = resolve(import.meta.dirname, '../..');
const main = join(root, 'dist/apps/standalone/src/main.js');
const readyMs = 120_000;
const stopMs = 30_000;

function readAccess(dataDir) {
  try {
    return JSON.parse(readFileSync(join(dataDir, 'access.json'), 'utf8'));
  } catch {
    return undefined;
  }
}

async function isReady(access) {
  if (!access) return false;
  const answer = await fetch(new URL('/health/ready', access.apiUrl), { signal: AbortSignal.timeout(3_000) }).catch(
    () => undefined,
  );
  return answer?.ok ?? false;
}

const isFree = (port) =>
  new Promise((tell) => {
    const server = createServer();
    server.once('error', () => tell(false));
    server.listen(port, '127.0.0.1', () => server.close(() => tell(true)));
  });

/** The default port if it is free, else any: somebody else's service must not stop a demo. */
async function portFor(variable, usual) {
  if (process.env[variable]) return {};
  return (await isFree(usual)) ? {} : { [variable]: '0' };
}

/** Starts Spool in a process group of its own, so that Ctrl-C reaches only us and we can stop it in order. */
async function startProcess(dataDir) {
  const ports = { ...(await portFor('SPOOL_PORT', 7_700)), ...(await portFor('SPOOL_S3_PORT', 7_701)) };
  const env = { ...process.env, ...ports, SPOOL_DATA_DIR: dataDir };
  const child = spawn(process.execPath, ['--enable-source-maps', main], {
    cwd: root,
    env,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const lines = [];
  const keep = (text) => {
    lines.push(...text.split('\n').filter(Boolean));
    lines.splice(0, lines.length - 200);
  };
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', keep);
  const ended = new Promise((tell) => child.once('exit', (code, signal) => tell(signal ?? code)));
  const stop = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGTERM');
    const inTime = await Promise.race([ended.then(() => true), delay(stopMs, false, { ref: false })]);
    if (!inTime) process.kill(-child.pid, 'SIGKILL');
  };
  return { child, ended, stop, lastLines: () => lines.slice(-25) };
}

async function untilReady(dataDir, { child, ended, lastLines }) {
  const deadline = Date.now() + readyMs;
  const state = { over: false };
  ended.then(() => (state.over = true));
  while (Date.now() < deadline) {
    const access = readAccess(dataDir);
    // The file of an earlier run has another pid.
    if (access?.pid === child.pid && (await isReady(access))) return access;
    if (state.over) throw new Error(`Spool ended before it was ready:\n${lastLines().join('\n')}`);
    await delay(100);
  }
  throw new Error(`Spool was not ready within ${readyMs / 1_000} s:\n${lastLines().join('\n')}`);
}

/** The Spool of the data folder: the one that runs, else a new one, which `stop` ends. */
export async function openSpool(dataDir) {
  const running = readAccess(dataDir);
  if (await isReady(running)) {
    return { access: running, isOurs: false, stop: async () => {}, lastLines: () => [], ended: new Promise(() => {}) };
  }
  if (!existsSync(main))
    throw new Error('Spool is not built: run `npm run demo`, which builds it, or `npm run build` first');
  const started = await startProcess(dataDir);
  try {
    return { access: await untilReady(dataDir, started), isOurs: true, ...started };
  } catch (error) {
    await started.stop();
    throw error;
  }
}
