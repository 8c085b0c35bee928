// What a sandbox costs, for each driver that works here: the first answer of a function, from nothing and from a runtime
// that was up before (a template); and the time from the decision to kill until nothing is left. Ratios are against the
// plain process from nothing in the same run; the runs of all cases take turns, so that what else the machine does hits
// all of them alike.
import { rmSync } from 'node:fs';
import { Bench, p50, runFunction, workingDrivers } from './lib/functions.mjs';

const RUNS = Number(process.argv[2] ?? 15);
const bench = new Bench();

async function cold(sandbox, given) {
  const whole = bench.runOf(given);
  const stop = new AbortController();
  const begunAt = performance.now();
  const listener = { onLine: () => stop.abort('cancelled'), onProgress() {} };
  const end = await runFunction(sandbox, whole, listener, stop.signal);
  const ms = performance.now() - begunAt;
  rmSync(whole.folders.work, { recursive: true, force: true });
  return { ms: given.kills ? end.usage.kill.tookMs : ms, usage: end.usage };
}

/** Without the start of the template, which nobody waits for. */
async function fromTemplate(sandbox, given) {
  const { work, template } = await bench.template(sandbox, given);
  const begunAt = performance.now();
  const instance = await template.become(bench.runOf(given, work));
  const end = await instance.call(bench.callOf(given, work));
  const ms = performance.now() - begunAt;
  if (end.status !== 'SUCCEEDED') throw new Error(JSON.stringify(end));
  await instance.end();
  for (const dir of [work, `${work}.code`]) rmSync(dir, { recursive: true, force: true });
  return { ms, usage: end.usage };
}

const deaf = "trap '' TERM; ";
const CASES = [
  { name: 'true', run: cold, runtime: 'command', command: ['true'] },
  { name: 'nodejs', run: cold, runtime: 'nodejs' },
  { name: 'nodejs, template', run: fromTemplate, against: 'nodejs', runtime: 'nodejs' },
  { name: 'python', run: cold, runtime: 'python' },
  { name: 'python, template', run: fromTemplate, against: 'python', runtime: 'python' },
  { name: 'provided', run: cold, runtime: 'provided', network: 'none' },
  { name: 'kill a busy loop', run: cold, kills: true, script: `${deaf} echo up; while :; do :; done` },
  {
    name: 'kill 50 sleepers',
    run: cold,
    kills: true,
    script: `${deaf} i=0; while [ $i -lt 50 ]; do setsid sleep 99 & i=$((i+1)); done; echo up; wait`,
  },
].map(({ script, ...one }) => (script ? { ...one, runtime: 'command', command: ['sh', '-c', script] } : one));

const plain = {};
console.log('driver      what              p50 ms   × process   cpu ms');
for await (const { driver, sandbox } of workingDrivers()) {
  const found = Object.fromEntries(CASES.map(({ name }) => [name, { times: [], cpu: [] }]));
  for (let i = 0; i < RUNS; i++) {
    for (const { name, run, against: _, ...given } of CASES) {
      const { ms, usage } = await run(sandbox, given);
      found[name].times.push(ms);
      found[name].cpu.push(usage.cpuMs ?? 0);
    }
  }
  for (const { name, against = name } of CASES) {
    const ms = p50(found[name].times);
    plain[name] ??= ms;
    const [a, b] = [ms.toFixed(1).padStart(6), (ms / plain[against]).toFixed(2).padStart(10)];
    console.log(`${driver.padEnd(11)} ${name.padEnd(17)} ${a} ${b} ${p50(found[name].cpu).toFixed(1).padStart(8)}`);
  }
}
bench.close();
