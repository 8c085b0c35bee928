// What a function's process that is there already saves: one call from nothing against one call of a warm instance,
// folders included, for each driver that works here; how many calls in a second go through the Runtime API of one that
// goes on between calls, one by one and eight at a time; and what such an instance takes while it waits. Ratios are cold
// to warm in the same run; memory is what the kernel counts for the whole sandbox.
import { rmSync } from 'node:fs';
import { Bench, HandlerInstance, p50, runFunction, workingDrivers } from './lib/functions.mjs';

const COLD = Number(process.argv[2] ?? 15);
const WARM = COLD * 20;
const HOT_MS = Number(process.argv[3] ?? 1_000);
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

const started = (sandbox, given, work) => HandlerInstance.start(sandbox, bench.runOf(given, work));

/** Calls in a second, so many in hand at any time. */
async function perSecond(instance, inHand) {
  const hot = await instance.heat();
  const event = Buffer.from('{}');
  const limits = { timeoutMs: 20_000, graceMs: 0, memoryMb: 256, functionArn: 'arn' };
  const until = performance.now() + HOT_MS;
  let calls = 0;
  const goOn = async () => {
    while (performance.now() < until) {
      const id = `call-${bench.runs++}`;
      const end = await hot.serve({ id, event, ...limits }, { onLine() {}, onProgress() {} });
      if (end.status !== 'SUCCEEDED') throw new Error(JSON.stringify(end));
      if (inHand === 1) await hot.settle(id);
      calls++;
    }
  };
  const begunAt = performance.now();
  await Promise.all(Array.from({ length: inHand }, goOn));
  return (calls / (performance.now() - begunAt)) * 1_000;
}

const megabytes = (bytes) => (bytes === undefined ? '–' : (bytes / 1_048_576).toFixed(1));

console.log('driver      runtime    cold p50 ms   warm p50 ms   cold / warm   idle MB   calls/s   8 at once/s');
for await (const { driver, sandbox } of workingDrivers()) {
  for (const given of RUNTIMES) {
    const coldMs = await timed(COLD, () => cold(sandbox, given));
    const work = bench.newFolder();
    const instance = await started(sandbox, given, work);
    const call = () => instance.call(bench.callOf(given, work));
    await call();
    const warmMs = await timed(WARM, call);
    const idle = megabytes(instance.total().memoryBytes);
    const single = await perSecond(instance, 1);
    await instance.end();
    const shared = await started(sandbox, { ...given, concurrency: 8 });
    const eight = await perSecond(shared, 8);
    await shared.end();
    const numbers = [coldMs.toFixed(1), warmMs.toFixed(2), (coldMs / warmMs).toFixed(0), idle];
    const columns = [...numbers, single.toFixed(0), eight.toFixed(0)].map((text, i) =>
      text.padStart([14, 14, 14, 10, 10, 14][i]),
    );
    console.log(`${driver.padEnd(11)} ${given.runtime.padEnd(8)}${columns.join('')}`);
  }
}
bench.close();
