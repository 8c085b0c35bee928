// Spool as a process of its own: executions are started and awaited over HTTP, and a worker elsewhere speaks the worker API.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { noOpWorker } from '../lib/no-op-worker.mjs';
import { freshDataDir, remove, startSpool } from '../lib/spool.mjs';
import { measure, payload, withEnd } from './measure.mjs';

const dataDir = freshDataDir();
const spool = await startSpool(dataDir, { SPOOL_EXECUTOR_VCPU: '0.01' });
const { api } = spool;
await api('POST', '/v1/functions', { name: 'nothing', runtime: 'command', command: ['true'], vcpu: 1 });
const task = (Next) => ({ Type: 'Task', Resource: 'function:nothing', ...(Next ? { Next } : { End: true }) });
await api('POST', '/v1/workflows', {
  name: 'three',
  definition: { StartAt: 'A', States: { A: task('B'), B: task('C'), C: task() } },
});
const worker = await noOpWorker(spool.worker);
const postgres = Number(readFileSync(join(dataDir, 'postgres/cluster/postmaster.pid'), 'utf8').split('\n')[0]);

const runOne = async () => {
  const { id, status } = await api('POST', '/v1/workflows/three/executions?wait=30', { input: payload() });
  if (status !== 'SUCCEEDED') throw new Error(`${id} ended as ${status}`);
};
const end = async () => {
  worker.stop();
  await spool.stop();
  remove(dataDir);
};
await withEnd(() => measure(runOne, postgres, spool.pid), end);
