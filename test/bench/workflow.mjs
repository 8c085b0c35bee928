// Three no-op Task states in a row, every step durable (fsync on), answered by a worker that does nothing but speak the
// worker API's protocol: the engine's own cost, without processes. First the engine in this process, as the libraries
// it is compared with run, then Spool as a process of its own, over HTTP. The measure beside it is the rate of
// single-row commits that the same Postgres gives one connection in the same run.
import { commitsPerSecond, startEngine, walOf } from './lib/engine.mjs';
import { latency, report } from './lib/figures.mjs';
import { noOpWorker } from './lib/no-op-worker.mjs';
import { freshDataDir, remove, startSpool } from './lib/spool.mjs';

const EXECUTIONS = 2_000;
const IN_FLIGHT = 100;
const SLOW_RATE = 20;
const SLOW_EXECUTIONS = 100;

const task = (Next) => ({ Type: 'Task', Resource: 'function:nothing', ...(Next ? { Next } : { End: true }) });
const definition = { StartAt: 'A', States: { A: task('B'), B: task('C'), C: task() } };
const input = { data: 'x'.repeat(1_000) };
const nothing = { name: 'nothing', runtime: 'command', command: ['true'] };

await inProcess();
await overHttp();

async function inProcess() {
  const engine = await startEngine();
  await engine.functions.deploy('default', nothing);
  await engine.workflows.deploy('default', { name: 'three', definition });
  const worker = await engine.startWorker();
  const runOne = async () => {
    const { id } = await engine.executions.start('default', 'three', { input: { ...input } });
    const { status } = await engine.executions.wait('default', id, 60_000);
    if (status !== 'SUCCEEDED') throw new Error(`${id} ended as ${status}`);
  };
  await many(EXECUTIONS / 10, runOne);
  const commitsBefore = await commitsPerSecond(engine.sql, input.data);
  const { result: perSecond, bytes, images } = await walOf(engine.sql, () => many(EXECUTIONS, runOne));
  const latencies = await atLowLoad(runOne);
  const commits = (commitsBefore + (await commitsPerSecond(engine.sql, input.data))) / 2;
  report('Three no-op steps, durable, engine in process', [
    `${perSecond.toFixed(0)} executions/s with ${IN_FLIGHT} in flight`,
    `start to end at ${SLOW_RATE}/s: ${latency(latencies)}`,
    `single-row commits of this Postgres on one connection: ${commits.toFixed(0)}/s`,
    `executions for each of these commits: ${(perSecond / commits).toFixed(2)}`,
    `write-ahead log: ${(bytes / EXECUTIONS / 1_000).toFixed(1)} KB per execution, with ${images} page images in all`,
  ]);
  await worker.stop();
  await engine.close();
}

async function overHttp() {
  const dataDir = freshDataDir();
  // The real executor gets no slot that fits: vcpu 1 is more than it says it has.
  const spool = await startSpool(dataDir, { SPOOL_EXECUTOR_VCPU: '0.01' });
  const { api } = spool;
  await api('POST', '/v1/functions', { ...nothing, vcpu: 1 });
  await api('POST', '/v1/workflows', { name: 'three', definition });
  const worker = await noOpWorker(spool.worker);
  const runOne = async () => {
    const { id, status } = await api('POST', '/v1/workflows/three/executions?wait=30', { input });
    if (status !== 'SUCCEEDED') throw new Error(`${id} ended as ${status}`);
  };
  await many(EXECUTIONS / 10, runOne);
  const perSecond = await many(EXECUTIONS / 2, runOne);
  report('Three no-op steps, durable, start with its result and worker over HTTP', [
    `${perSecond.toFixed(0)} executions/s with ${IN_FLIGHT} in flight`,
    `start to end at ${SLOW_RATE}/s: ${latency(await atLowLoad(runOne))}`,
  ]);
  worker.stop();
  await spool.stop();
  remove(dataDir);
}

/** Executions per second. */
async function many(count, runOne) {
  const started = performance.now();
  let left = count;
  const lane = async () => {
    while (left-- > 0) await runOne();
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, lane));
  return count / ((performance.now() - started) / 1_000);
}

async function atLowLoad(runOne) {
  const latencies = [];
  const pending = [];
  for (let n = 0; n < SLOW_EXECUTIONS; n++) {
    const began = performance.now();
    pending.push(runOne().then(() => latencies.push(performance.now() - began)));
    await new Promise((done) => setTimeout(done, 1_000 / SLOW_RATE));
  }
  await Promise.all(pending);
  return latencies;
}
