// The engine as a library in this process, on its own Postgres with full durability.
import { startEngine } from '../lib/engine.mjs';
import { measure, payload, withEnd } from './measure.mjs';
import { FAN, partsOf, THREE } from './workflows.mjs';

const engine = await startEngine();
await engine.functions.deploy('default', { name: 'nothing', runtime: 'command', command: ['true'] });
for (const workflow of [THREE, FAN]) await engine.workflows.deploy('default', workflow);
const worker = await engine.startWorker();

const run = async (workflow, input) => {
  const { id } = await engine.executions.start('default', workflow, { input });
  const { status } = await engine.executions.wait('default', id, 60_000);
  if (status !== 'SUCCEEDED') throw new Error(`${id} ended as ${status}`);
};
const runOne = () => run('three', payload());
/** A frame that has much to do goes on by a timer, which a router sees to. */
const fanOut = async (parts) => {
  const timers = engine.startTimers();
  await run('fan', partsOf(parts));
  await timers.stop();
};
const end = async () => {
  await worker.stop();
  await engine.close();
};
await withEnd(() => measure({ runOne, fanOut }, engine.serverPid), end);
