// The engine as a library in this process, on its own Postgres with full durability.
import { startEngine } from '../lib/engine.mjs';
import { measure, payload, withEnd } from './measure.mjs';

const engine = await startEngine();
await engine.functions.deploy('default', { name: 'nothing', runtime: 'command', command: ['true'] });
const task = (Next) => ({ Type: 'Task', Resource: 'function:nothing', ...(Next ? { Next } : { End: true }) });
const definition = { StartAt: 'A', States: { A: task('B'), B: task('C'), C: task() } };
await engine.workflows.deploy('default', { name: 'three', definition });
const worker = await engine.startWorker();

const runOne = async () => {
  const { id } = await engine.executions.start('default', 'three', { input: payload() });
  const { status } = await engine.executions.wait('default', id, 60_000);
  if (status !== 'SUCCEEDED') throw new Error(`${id} ended as ${status}`);
};
const end = async () => {
  await worker.stop();
  await engine.close();
};
await withEnd(() => measure(runOne, engine.serverPid), end);
