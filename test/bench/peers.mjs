// Durable executions of three no-op steps, side by side with other engines in the same run, one after the other and again,
// so that all meet the same machine. They are installed for it, into a folder of their own: PEERS_DIR keeps one.
// What cannot be installed here is left out.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ms, percentile, report } from './lib/figures.mjs';

const ROUNDS = 3;
const PEERS = [
  { name: 'Spool, in process', script: 'spool' },
  { name: 'Spool, over HTTP', script: 'spool-http' },
  { name: 'BullMQ flows', script: 'bullmq', packages: ['bullmq', 'ioredis'], program: 'redis-server' },
  { name: 'DBOS', script: 'dbos', packages: ['@dbos-inc/dbos-sdk'] },
  { name: 'Restate', script: 'restate', packages: ['@restatedev/restate-server', '@restatedev/restate-sdk'] },
];

const kept = process.env.PEERS_DIR;
const dir = kept ?? mkdtempSync(join(tmpdir(), 'spool-peers-'));
mkdirSync(dir, { recursive: true });
if (!existsSync(join(dir, 'package.json'))) writeFileSync(join(dir, 'package.json'), '{"private":true}\n');

const present = PEERS.filter(isPresent);
const figures = new Map(present.map(({ name }) => [name, []]));
for (let round = 1; round <= ROUNDS; round++) {
  for (const { name, script } of present) {
    const measured = run(script);
    if (measured) figures.get(name).push(measured);
    process.stderr.write(`round ${round}, ${name}: ${measured ? `${measured.perSecond.toFixed(0)}/s` : 'failed'}\n`);
  }
}
show();
if (!kept) rmSync(dir, { recursive: true, force: true });

function isPresent({ name, packages = [], program }) {
  if (program && spawnSync(program, ['--version']).status !== 0) return skipped(name, `there is no ${program}`);
  const missing = packages.filter((each) => !existsSync(join(dir, 'node_modules', each)));
  if (missing.length === 0) return true;
  const install = ['install', '--prefix', dir, '--no-audit', '--no-fund', ...missing];
  const { status } = spawnSync('npm', install, { stdio: ['ignore', 'ignore', 'inherit'] });
  return status === 0 || skipped(name, `${missing.join(' and ')} cannot be installed`);
}

function skipped(name, reason) {
  process.stderr.write(`${name} is left out: ${reason}\n`);
  return false;
}

function run(script) {
  const path = join(import.meta.dirname, 'peers', `${script}.mjs`);
  const env = { ...process.env, PEERS_DIR: dir };
  const options = { env, encoding: 'utf8', timeout: 300_000, stdio: ['ignore', 'pipe', 'inherit'] };
  const { stdout, status } = spawnSync(process.execPath, [path], options);
  return status === 0 ? JSON.parse(stdout.trim().split('\n').at(-1)) : undefined;
}

function show() {
  const medians = [...figures].filter(([, all]) => all.length > 0).map(([name, all]) => [name, medianOf(all)]);
  const own = medians.find(([name]) => name === 'Spool, in process')?.[1];
  const lines = medians.map(([name, { perSecond, p50, p99, fanOutMs, nodeMs, serverMs }]) => {
    const ratio = own ? `, Spool in process is ${(own.perSecond / perSecond).toFixed(2)} times that` : '';
    const cpu = `processor time ${nodeMs.toFixed(2)} ms + server ${serverMs.toFixed(2)} ms`;
    return `${name}: ${perSecond.toFixed(0)}/s${ratio}; at 20/s p50 ${ms(p50)}, p99 ${ms(p99)}; 1,000 beside each other ${ms(fanOutMs)}; ${cpu}`;
  });
  report(`Three durable no-op steps, 50 in flight (medians of ${ROUNDS} rounds)`, lines);
}

function medianOf(all) {
  const names = ['perSecond', 'p50', 'p99', 'fanOutMs', 'nodeMs', 'serverMs'];
  const median = (name) => {
    const values = all.map((one) => one[name]);
    return percentile(values, 0.5);
  };
  return Object.fromEntries(names.map((name) => [name, median(name)]));
}
