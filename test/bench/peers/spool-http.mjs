// Spool as a process of its own: executions are started and awaited over HTTP, and a worker elsewhere speaks the worker API.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { noOpWorker } from '../lib/no-op-worker.mjs';
import { freshDataDir, remove, startSpool } from '../lib/spool.mjs';
import { measure, payload, withEnd } from './measure.mjs';
import { FAN, partsOf, THREE } from './workflows.mjs';

const dataDir = freshDataDir();
const spool = await startSpool(dataDir, { SPOOL_EXECUTOR_VCPU: '0.01' });
const { api } = spool;
await api('POST', '/v1/functions', { name: 'nothing', runtime: 'command', command: ['true'], vcpu: 1 });
for (const workflow of [THREE, FAN]) await api('POST', '/v1/workflows', workflow);
const worker = await noOpWorker(spool.worker);
const postgres = Number(readFileSync(join(dataDir, 'postgres/cluster/postmaster.pid'), 'utf8').split('\n')[0]);

const run = async (workflow, input) => {
  const { id, status } = await api('POST', `/v1/workflows/${workflow}/executions?wait=30`, { input });
  if (status !== 'SUCCEEDED') throw new Error(`${id} ended as ${status}`);
};
const runOne = () => run('three', payload());
const fanOut = (parts) => run('fan', partsOf(parts));
const end = async () => {
  worker.stop();
  await spool.stop();
  remove(dataDir);
};
await withEnd(() => measure({ runOne, fanOut }, postgres, spool.pid), end);
