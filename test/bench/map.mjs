// An inline Map of no-op tasks, durable, engine and worker in this process: what an item costs, and whether that stays
// the same as there are more. The 1,000 items with no MaxConcurrency are the fan-out and join of 1,000 steps.
import { commitsPerSecond, startEngine } from './lib/engine.mjs';
import { ms, percentile, report } from './lib/figures.mjs';

const SIZES = [
  [100, 10],
  [1_000, 5],
  [10_000, 1],
  [100_000, 1],
];

const engine = await startEngine();
await engine.functions.deploy('default', { name: 'nothing', runtime: 'command', command: ['true'] });
const States = { One: { Type: 'Task', Resource: 'function:nothing', End: true } };
const ItemProcessor = { ProcessorConfig: { Mode: 'INLINE' }, StartAt: 'One', States };
const definition = { StartAt: 'Each', States: { Each: { Type: 'Map', ItemProcessor, End: true } } };
await engine.workflows.deploy('default', { name: 'each', definition });
const worker = await engine.startWorker();
const timers = engine.startTimers();

let mostHeap = 0;
const watch = setInterval(() => (mostHeap = Math.max(mostHeap, process.memoryUsage().heapUsed)), 50);
await run(100);
const lines = [];
for (const [items, times] of SIZES) {
  const took = [];
  const cpuBefore = process.cpuUsage();
  mostHeap = 0;
  for (let n = 0; n < times; n++) took.push(await run(items));
  const median = percentile(took, 0.5);
  const cpu = process.cpuUsage(cpuBefore);
  const cpuUs = (cpu.user + cpu.system) / items / times;
  lines.push(
    `${items} items: ${ms(median)}, ${((median / items) * 1_000).toFixed(0)} µs an item, ` +
      `${cpuUs.toFixed(0)} µs of CPU an item (without Postgres), heap up to ${(mostHeap / 2 ** 20).toFixed(0)} MiB`,
  );
}
lines.push(
  `single-row commits of this Postgres on one connection: ${(await commitsPerSecond(engine.sql, 'x')).toFixed(0)}/s`,
);
report('Map of no-op items, durable, engine in process', lines);
clearInterval(watch);
await timers.stop();
await worker.stop();
await engine.close();

async function run(items) {
  const began = performance.now();
  const { id } = await engine.executions.start('default', 'each', {
    input: Array.from({ length: items }, (_, n) => n),
  });
  const { status, output } = await engine.executions.wait('default', id, 300_000);
  if (status !== 'SUCCEEDED' || output.length !== items) throw new Error(`${id} ended as ${status}`);
  return performance.now() - began;
}
