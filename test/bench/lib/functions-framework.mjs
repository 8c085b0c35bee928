// Google's functions-framework with an echo, as a process of its own. It is no dependency: it is installed for the
// benchmark, into a folder of its own (PEERS_DIR keeps one), and left out where that cannot be done.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const PACKAGE = '@google-cloud/functions-framework';

export async function startFramework(port) {
  const kept = process.env.PEERS_DIR;
  const dir = kept ?? mkdtempSync(join(tmpdir(), 'spool-peers-'));
  const remove = () => kept ?? rmSync(dir, { recursive: true, force: true });
  if (!install(dir)) return void remove();
  const source = join(dir, 'echo');
  mkdirSync(source, { recursive: true });
  writeFileSync(join(source, 'index.js'), 'exports.echo = (request, response) => response.json(request.body);\n');
  const program = join(dir, 'node_modules', PACKAGE, 'build/src/main.js');
  const options = ['--source', source, '--target', 'echo', '--port', String(port)];
  const env = { ...process.env, NODE_ENV: 'production' };
  const child = spawn(process.execPath, [program, ...options], { stdio: 'ignore', env });
  while (child.exitCode === null && !(await isOpen(port))) await sleep(20);
  const stop = () => {
    child.kill('SIGKILL');
    remove();
  };
  return child.exitCode === null ? { pid: child.pid, url: `http://127.0.0.1:${port}/`, stop } : void stop();
}

function install(dir) {
  mkdirSync(dir, { recursive: true });
  if (existsSync(join(dir, 'node_modules', PACKAGE))) return true;
  const options = ['--prefix', dir, '--no-audit', '--no-fund', '--fetch-retries', '0'];
  const { status } = spawnSync('npm', ['install', ...options, PACKAGE], { stdio: 'ignore', timeout: 120_000 });
  if (status !== 0) process.stderr.write(`${PACKAGE} is left out: it cannot be installed\n`);
  return status === 0;
}

function isOpen(port) {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' }, () => resolve(true)).on('error', () => resolve(false));
    socket.on('connect', () => socket.end());
  });
}
