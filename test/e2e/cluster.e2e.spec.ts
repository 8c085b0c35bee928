import { readFileSync } from 'node:fs';
import { GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { sql } from '@app/common';
import { Cluster } from '../support/cluster.js';
import { eventually } from '../support/standalone.js';

interface Execution {
  id: string;
  status: string;
  output?: { cpu: string; gpu: string };
}
interface Invocation {
  stateName: string;
  executor?: string;
}

let cluster: Cluster;
beforeAll(async () => {
  cluster = await Cluster.start();
  for (const name of ['cluster-in', 'cluster-out']) await cluster.api('POST', '/v1/buckets', { name });
});
afterAll(() => cluster?.remove());

const tells = (name: string, labels: string[]) =>
  cluster.api('POST', '/v1/functions', {
    name,
    labels,
    runtime: 'command',
    command: ['sh', '-c', 'cp "$SPOOL_INPUT_SOURCE" "$SPOOL_OUTPUT_COPY"'],
    inputs: { source: '$.source' },
    outputs: { copy: '$.copy' },
    vcpu: 0.1,
    memoryMb: 64,
  });

const state = (name: string, next: object) => ({
  Type: 'Task',
  Resource: `function:${name}`,
  ResultPath: null,
  ...next,
});

it('processes each upload once with two routers, and runs GPU functions where the label is', async () => {
  await tells('on-any', []);
  await tells('on-gpu', ['gpu']);
  const States = { Any: state('on-any', { Next: 'Gpu' }), Gpu: state('on-gpu', { End: true }) };
  await cluster.api('POST', '/v1/workflows', { name: 'copy', definition: { StartAt: 'Any', States } });
  await cluster.api('POST', '/v1/triggers', {
    name: 'uploads',
    kind: 'object',
    source: { bucket: 'cluster-in', suffix: '.json' },
    target: { workflow: 'copy' },
    input: {
      source: { 'bucket.$': '$.data.bucket', 'key.$': '$.data.key' },
      copy: { bucket: 'cluster-out', 'key.$': '$.data.key' },
    },
  });
  await Promise.all([cluster.router(), cluster.router()]);
  await cluster.executor('plain', { SPOOL_EXECUTOR_LABELS: 'cpu' });
  const keys = Array.from({ length: 8 }, (_, n) => `take-${n}.json`);
  const body = readFileSync('package.json');
  for (const Key of keys) {
    await cluster.s3().send(new PutObjectCommand({ Bucket: 'cluster-in', Key, Body: body }));
  }
  await eventually(async () => (await invocations()).filter(({ stateName }) => stateName === 'Gpu').length === 8);
  expect((await invocations()).filter(({ stateName, executor }) => stateName === 'Gpu' && executor)).toEqual([]);

  await cluster.executor('accelerated', { SPOOL_EXECUTOR_LABELS: 'cpu,gpu' });
  const ended = await eventually(async () => {
    const { items } = await cluster.api<{ items: Execution[] }>('GET', '/v1/executions?limit=100');
    return items.every(({ status }) => status === 'SUCCEEDED') && items;
  });
  expect(ended).toHaveLength(8);
  const onGpu = (await invocations()).filter(({ stateName }) => stateName === 'Gpu');
  expect(new Set(onGpu.map(({ executor }) => executor)).size).toBe(1);
  for (const Key of keys) {
    const { Body } = await cluster.s3().send(new GetObjectCommand({ Bucket: 'cluster-out', Key }));
    expect(Buffer.from((await Body?.transformToByteArray()) ?? [])).toEqual(body);
  }
});

const invocations = async (): Promise<Invocation[]> =>
  (await cluster.api<{ items: Invocation[] }>('GET', '/v1/invocations?limit=100')).items;

it('starts what was uploaded while no router listened, as soon as one listens again', async () => {
  const { database } = cluster.postgres;
  await cluster.api('POST', '/v1/buckets', { name: 'unheard' });
  const States = { End: { Type: 'Succeed' } };
  await cluster.api('POST', '/v1/workflows', { name: 'unheard', definition: { StartAt: 'End', States } });
  const source = { bucket: 'unheard' };
  await cluster.api('POST', '/v1/triggers', {
    name: 'unheard',
    kind: 'object',
    source,
    target: { workflow: 'unheard' },
  });
  const swept = async () =>
    (await database.query(sql`select from bucket_sweep where bucket = 'unheard' and finished_at is not null`)).length >
    0;
  await eventually(swept);
  await cluster.endRouters();
  await cluster.s3().send(new PutObjectCommand({ Bucket: 'unheard', Key: 'a.mp4', Body: 'x' }));
  // No sweep comes by itself.
  await database.query(sql`update bucket_sweep set next_at = now() + interval '1 day'`);
  await cluster.router();
  await eventually(async () => {
    const { items } = await cluster.api<{ items: Execution[] }>('GET', '/v1/executions?workflow=unheard');
    return items.length > 0;
  });
});
