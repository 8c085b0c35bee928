// Work that is done outside: executions of one activity each, whose workers poll 100 tasks at a time and answer for them
// in one request; and workflows that run another workflow. Every step durable, through HTTP, in one process.
import { latency, report } from './lib/figures.mjs';
import { freshDataDir, remove, startSpool } from './lib/spool.mjs';

const EXECUTIONS = 2_000;
const IN_FLIGHT = 50;
const WORKERS = 2;
const CHILDREN = 300;

const dataDir = freshDataDir();
const spool = await startSpool(dataDir);
const { api } = spool;
await api('POST', '/v1/activities', { name: 'work' });
const deploy = (name, Resource) => {
  const definition = { StartAt: 'Do', States: { Do: { Type: 'Task', Resource, End: true } } };
  return api('POST', '/v1/workflows', { name, definition });
};
await deploy('outside', 'activity:work');
const items = {
  Type: 'Map',
  End: true,
  ItemProcessor: { StartAt: 'Do', States: { Do: { Type: 'Task', Resource: 'activity:work', End: true } } },
};
await api('POST', '/v1/workflows', { name: 'items', definition: { StartAt: 'Each', States: { Each: items } } });
const pass = { StartAt: 'P', States: { P: { Type: 'Pass', End: true } } };
await api('POST', '/v1/workflows', { name: 'child', definition: pass });
await deploy('parent', 'workflow:child');

const over = new AbortController();
const workers = Array.from({ length: WORKERS }, async () => {
  while (!over.signal.aborted) {
    const { tasks } = await api('POST', '/v1/activities/work/tasks', { maxTasks: 100, waitSeconds: 1 });
    if (tasks.length === 0) continue;
    const results = tasks.map(({ taskToken, input }) => ({ taskToken, output: input }));
    await api('POST', '/v1/task-tokens/results', { results });
  }
});

const outside = await many('outside', EXECUTIONS, IN_FLIGHT);
const oneByOne = await many('outside', 100, 1);
const began = performance.now();
await runOne(
  'items',
  Array.from({ length: EXECUTIONS }, (_, n) => n),
);
const items_s = EXECUTIONS / ((performance.now() - began) / 1_000);
over.abort();
await Promise.all(workers);
const parents = await many('parent', CHILDREN, IN_FLIGHT);
const child = await many('parent', 100, 1);
report('Work outside and workflows in workflows, durable', [
  `${outside.perSecond.toFixed(0)} executions of one activity/s with ${IN_FLIGHT} in flight`,
  `one after the other: ${latency(oneByOne.took)}`,
  `${items_s.toFixed(0)} items/s of one Map over an activity, of ${EXECUTIONS} items`,
  `${parents.perSecond.toFixed(0)} workflows that run another one/s with ${IN_FLIGHT} in flight`,
  `one after the other: ${latency(child.took)}`,
]);
await spool.stop();
remove(dataDir);

async function many(workflow, count, lanes) {
  const took = [];
  const from = performance.now();
  await Promise.all(
    Array.from({ length: lanes }, async (_, lane) => {
      for (let n = lane; n < count; n += lanes) {
        const start = performance.now();
        await runOne(workflow, { n });
        took.push(performance.now() - start);
      }
    }),
  );
  return { perSecond: count / ((performance.now() - from) / 1_000), took };
}

async function runOne(workflow, input) {
  let { id, status } = await api('POST', `/v1/workflows/${workflow}/executions?wait=30`, { input });
  while (status === 'RUNNING') ({ status } = await api('GET', `/v1/executions/${id}?wait=30`));
  if (status !== 'SUCCEEDED') throw new Error(`${id} ended as ${status}`);
}
