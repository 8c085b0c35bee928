// What a claim of 16 tasks costs Postgres, by the backlog and by how many functions have tasks in it.
import { randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Database, EmbeddedPostgres, migrate, openDataSource, sql } from '../../dist/libs/common/src/index.js';
import { TaskQueueRepository } from '../../dist/libs/queue/src/index.js';
import { migrations } from '../../dist/migrations/index.js';
import { percentile, report } from './lib/figures.mjs';

const ROUNDS = 100;
const CONTENDED_ROUNDS = 40;
const TICK_MS = 10;
const claim = { kind: 'function', labels: ['cpu'], limit: 16, memoryMb: 1e6, vcpu: 1e4, leaseSeconds: 30 };
const task = (resource) => ({
  id: randomUUID(),
  namespace: 'default',
  kind: 'function',
  resource,
  payload: {},
  timeoutSeconds: 60,
  labels: [],
  memoryMb: 100,
  vcpu: 1,
});

/** Of the one connection: load of the machine changes it little. */
function cpuMs(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
}

async function measure(database, functions, backlog) {
  const queue = new TaskQueueRepository(database);
  await database.query(sql`truncate task cascade`);
  for (let n = 0; n < backlog; n += 1_000)
    await queue.insert(Array.from({ length: 1_000 }, (_, k) => task(`f${(n + k) % functions}`)));
  await database.query(sql`analyze task`);
  const [{ pid }] = await database.query(sql`select pg_backend_pid() as pid`);
  for (let n = 0; n < 8; n++) await queue.claimUpTo({ ...claim, executorId: randomUUID() });
  const before = cpuMs(pid);
  let claimed = 0;
  for (let n = 0; n < ROUNDS; n++)
    claimed += (await queue.claimUpTo({ ...claim, executorId: randomUUID() })).tasks.length;
  const ms = (cpuMs(pid) - before) / ROUNDS;
  return `${functions} functions, ${backlog} tasks: ${ms.toFixed(2)} ms of CPU a claim (${claimed / ROUNDS} tasks)`;
}

/** Many gateways at once: what a claim takes until it is answered, with functions that have a limit and without. */
async function contend(database, claimers, needs) {
  const queues = Array.from({ length: claimers }, () => new TaskQueueRepository(database));
  await database.query(sql`truncate task cascade`);
  const backlog = Array.from({ length: 20_000 }, (_, n) => ({ ...task(`f${n % 10}`), ...(needs && { needs }) }));
  for (let n = 0; n < backlog.length; n += 1_000) await queues[0].insert(backlog.slice(n, n + 1_000));
  await database.query(sql`analyze task`);
  const times = [];
  let claimed = 0;
  const began = performance.now();
  const work = async (queue) => {
    for (let n = 0; n < CONTENDED_ROUNDS; n++) {
      const start = performance.now();
      const { tasks } = await queue.claimUpTo({ ...claim, limit: 4, executorId: randomUUID() });
      claimed += tasks.length;
      times.push(performance.now() - start);
    }
  };
  await Promise.all(queues.map(work));
  const perSecond = claimed / ((performance.now() - began) / 1_000);
  return { perSecond, p50: percentile(times, 0.5), p99: percentile(times, 0.99) };
}

async function compareLimited(database, claimers) {
  const samples = { free: [], limited: [] };
  for (let round = 0; round < 3; round++) {
    samples.free.push(await contend(database, claimers));
    samples.limited.push(await contend(database, claimers, { maxConcurrency: 50_000 }));
  }
  const median = (kind, what) =>
    percentile(
      samples[kind].map((each) => each[what]),
      0.5,
    );
  const of = (kind) =>
    `${median(kind, 'perSecond').toFixed(0)} tasks/s, a claim ${median(kind, 'p50').toFixed(1)} ms (p99 ${median(kind, 'p99').toFixed(1)})`;
  const ratio = (median('limited', 'perSecond') / median('free', 'perSecond')).toFixed(2);
  return `${claimers} at once, 10 functions: ${of('free')}; with maxConcurrency ${of('limited')}; ratio ${ratio}`;
}

const dir = mkdtempSync(join(tmpdir(), 'spool-claims-'));
const server = await EmbeddedPostgres.start({ dir, durability: 'none' });
const open = (maxConnections) => openDataSource({ url: server.url, entities: [], migrations, maxConnections });
const fresh = await open(4);
await migrate(fresh);
await fresh.destroy();
const source = await open(1);
const lines = [];
for (const [functions, backlog] of process.env.ONLY_LIMITS
  ? []
  : [
      [1, 3_000],
      [1, 100_000],
      [10, 100_000],
      [100, 100_000],
    ])
  lines.push(await measure(new Database(source), functions, backlog));
report('Claims', lines);
const many = await open(8);
const contended = [];
for (const claimers of [1, 8]) contended.push(await compareLimited(new Database(many), claimers));
report('Claims with and without limits', contended);
await many.destroy();
await source.destroy();
await server.stop();
rmSync(dir, { recursive: true, force: true });
