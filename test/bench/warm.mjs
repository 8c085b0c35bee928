// What a function's process that is there already saves: one call from nothing against one call of a warm instance,
// folders included, for each driver that works here; and what such an instance takes while it waits. Ratios are cold to
// warm in the same run; memory is what the kernel counts for the whole sandbox.
import { rmSync } from 'node:fs';
import { Bench, HandlerInstance, p50, runFunction, workingDrivers } from './lib/functions.mjs';

const COLD = Number(process.argv[2] ?? 15);
const WARM = COLD * 20;
const RUNTIMES = [{ runtime: 'nodejs' }, { runtime: 'python' }, { runtime: 'provided', network: 'none' }];
const bench = new Bench();

async function timed(count, act) {
  const times = [];
  for (let i = 0; i < count; i++) {
    const begunAt = performance.now();
    const end = await act();
    times.push(performance.now() - begunAt);
    if (end.status !== 'SUCCEEDED') throw new Error(JSON.stringify(end));
  }
  return p50(times);
}

async function cold(sandbox, given) {
  const { run, listener, signal } = bench.callOf(given);
  const end = await runFunction(sandbox, run, listener, signal);
  rmSync(run.folders.work, { recursive: true, force: true });
  return end;
}

const megabytes = (bytes) => (bytes === undefined ? '–' : (bytes / 1_048_576).toFixed(1));

console.log('driver      runtime    cold p50 ms   warm p50 ms   cold / warm   idle MB');
for await (const { driver, sandbox } of workingDrivers()) {
  for (const given of RUNTIMES) {
    const coldMs = await timed(COLD, () => cold(sandbox, given));
    const work = bench.newFolder();
    const instance = await HandlerInstance.start(sandbox, bench.runOf(given, work));
    const call = () => instance.call(bench.callOf(given, work));
    await call();
    const warmMs = await timed(WARM, call);
    const idle = megabytes(instance.total().memoryBytes);
    await instance.end();
    const [a, b, c] = [coldMs.toFixed(1).padStart(11), warmMs.toFixed(2).padStart(11), (coldMs / warmMs).toFixed(0)];
    console.log(`${driver.padEnd(11)} ${given.runtime.padEnd(8)} ${a}   ${b}   ${c.padStart(11)} ${idle.padStart(9)}`);
  }
}
bench.close();
