import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { Cluster } from '../support/cluster.js';
import { eventually } from '../support/standalone.js';

interface Execution {
  readonly id: string;
  readonly status: string;
  readonly output?: unknown;
  readonly error?: string;
  readonly parent?: string;
}

let cluster: Cluster;
beforeAll(async () => {
  cluster = await Cluster.start();
  await cluster.router();
});
afterAll(() => cluster?.remove());

const s3 = (action: string) => `arn:aws:states:::aws-sdk:s3:${action}`;
const deploy = (name: string, States: object) =>
  cluster.api('POST', '/v1/workflows', { name, definition: { StartAt: Object.keys(States)[0], States } });
const start = (name: string, input: unknown, seconds: number) =>
  cluster.api<Execution>('POST', `/v1/workflows/${name}/executions?wait=${seconds}`, { input });
const get = (id: string) => cluster.api<Execution>('GET', `/v1/executions/${id}`);

it('a router runs the workflows that states ask for, and the API shows whose children they are', async () => {
  await deploy('double', { Do: { Type: 'Pass', Parameters: { 'sum.$': 'States.MathAdd($.n, $.n)' }, End: true } });
  await deploy('caller', { Call: { Type: 'Task', Resource: 'workflow:double', End: true } });
  const parent = await start('caller', { n: 21 }, 30);
  expect(parent).toMatchObject({ status: 'SUCCEEDED', output: { sum: 42 } });
  const { items } = await cluster.api<{ items: Execution[] }>('GET', `/v1/executions?parent=${parent.id}`);
  expect(items).toMatchObject([{ workflow: 'double', status: 'SUCCEEDED', parent: parent.id }]);
});

it('a router ends the child of an execution that is stopped', async () => {
  await deploy('long', { Rest: { Type: 'Wait', Seconds: 600, End: true } });
  await deploy('waiting', { Call: { Type: 'Task', Resource: 'workflow:long', End: true } });
  const { id } = await start('waiting', {}, 0);
  const childOf = async () =>
    (await cluster.api<{ items: Execution[] }>('GET', `/v1/executions?parent=${id}`)).items[0];
  await eventually(async () => (await childOf()) !== undefined);
  await cluster.api('POST', `/v1/executions/${id}/stop`, {});
  await eventually(async () => (await childOf())?.status === 'ABORTED');
});

it('a router writes and reads objects for states', async () => {
  await cluster.api('POST', '/v1/buckets', { name: 'notes' });
  const at = { Bucket: 'notes', Key: 'one' };
  await deploy('notes', {
    Write: { Type: 'Task', Resource: s3('putObject'), Parameters: { ...at, 'Body.$': '$' }, Next: 'Read' },
    Read: { Type: 'Task', Resource: s3('getObject'), Parameters: at, End: true },
  });
  expect(await start('notes', { note: 'C' }, 30)).toMatchObject({ output: { Body: '{"note":"C"}' } });
});

it('a router ends a state whose worker has fallen silent', async () => {
  await cluster.api('POST', '/v1/activities', { name: 'silent' });
  await deploy('silent', { Ask: { Type: 'Task', Resource: 'activity:silent', HeartbeatSeconds: 1, End: true } });
  const { id } = await start('silent', {}, 0);
  await cluster.api('POST', '/v1/activities/silent/tasks', {});
  await eventually(async () => (await get(id)).error === 'States.Timeout');
});
