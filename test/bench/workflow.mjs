// Three no-op Task states in a row, every step durable, answered by an executor that does nothing but speak the worker
// API: the engine's own cost, without processes. The measure beside it is the rate of single-row commits that the same
// Postgres, with the same durability, gives one connection in the same run.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import { latency, report } from './lib/figures.mjs';
import { freshDataDir, remove, startSpool } from './lib/spool.mjs';

const EXECUTIONS = 600;
const IN_FLIGHT = 50;
const SLOW_RATE = 20;
const SLOW_EXECUTIONS = 100;

const dataDir = freshDataDir();
// The real executor gets no slot that fits: vcpu 1 is more than it says it has.
const spool = await startSpool(dataDir, { SPOOL_EXECUTOR_VCPU: '0.01' });
const { api } = spool;
await api('POST', '/v1/functions', { name: 'nothing', runtime: 'command', command: ['true'], vcpu: 1 });
const step = (Next) => ({ Type: 'Task', Resource: 'function:nothing', ...(Next ? { Next } : { End: true }) });
await api('POST', '/v1/workflows', {
  name: 'three',
  definition: { StartAt: 'A', States: { A: step('B'), B: step('C'), C: step() } },
});
const executor = await noOpExecutor();

const payload = { data: 'x'.repeat(1_000) };
const started = performance.now();
await Promise.all(
  Array.from({ length: IN_FLIGHT }, async (_, lane) => {
    for (let n = lane; n < EXECUTIONS; n += IN_FLIGHT) await runOne();
  }),
);
const perSecond = EXECUTIONS / ((performance.now() - started) / 1_000);

const latencies = [];
const pending = [];
for (let n = 0; n < SLOW_EXECUTIONS; n++) {
  pending.push(timed(runOne).then((took) => latencies.push(took)));
  await new Promise((done) => setTimeout(done, 1_000 / SLOW_RATE));
}
await Promise.all(pending);
const commits = await commitsPerSecond();
report('Three no-op steps, durable', [
  `${perSecond.toFixed(0)} executions/s with ${IN_FLIGHT} in flight`,
  `start to end at ${SLOW_RATE}/s: ${latency(latencies)}`,
  `single-row commits of this Postgres on one connection: ${commits.toFixed(0)}/s`,
  `ratio of executions to commits: 1 : ${(commits / perSecond).toFixed(1)}`,
]);
executor.stop();
await spool.stop();
remove(dataDir);

async function timed(work) {
  const began = performance.now();
  await work();
  return performance.now() - began;
}

/** Starts one and waits for its end on its live stream. */
async function runOne() {
  const { id } = await api('POST', '/v1/workflows/three/executions', { input: payload });
  for (;;) {
    const { status } = await api('GET', `/v1/executions/${id}?wait=10`);
    if (status === 'SUCCEEDED') return;
    if (status !== 'RUNNING') throw new Error(`${id} ended as ${status}`);
  }
}

async function noOpExecutor() {
  const capacity = { slots: 200, memoryMb: 1_000_000, vcpu: 1_000 };
  const { executorId } = await spool.worker('POST', '/worker/v1/executors', {
    name: 'nobody',
    labels: ['cpu'],
    capacity,
    version: '0',
  });
  const over = new AbortController();
  const usage = { wallMs: 0 };
  const loop = async () => {
    let results = [];
    while (!over.signal.aborted) {
      const answer = await spool
        .worker('POST', `/worker/v1/executors/${executorId}/poll`, {
          free: capacity,
          running: [],
          results,
          waitMs: 2_000,
        })
        .catch(() => ({ tasks: [] }));
      results = answer.tasks.map(({ id, attempt, payload: output }) => ({
        id,
        attempt,
        status: 'SUCCEEDED',
        output,
        outputs: [],
        usage,
      }));
    }
  };
  loop();
  return { stop: () => over.abort() };
}

async function commitsPerSecond() {
  const { port, password } = JSON.parse(readFileSync(join(dataDir, 'postgres/access.json'), 'utf8'));
  const client = new Client({ connectionString: `postgres://postgres:${password}@127.0.0.1:${port}/postgres` });
  await client.connect();
  await client.query('drop table if exists bench_commit');
  await client.query('create table bench_commit (data text)');
  const began = performance.now();
  for (let n = 0; n < 2_000; n++) await client.query('insert into bench_commit values ($1)', [payload.data]);
  const rate = 2_000 / ((performance.now() - began) / 1_000);
  await client.end();
  return rate;
}
