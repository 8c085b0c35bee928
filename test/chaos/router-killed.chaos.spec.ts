import { setTimeout as sleep } from 'node:timers/promises';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { Cluster } from '../support/cluster.js';
import { listAll } from '../support/list-all.js';
import { eventually } from '../support/standalone.js';

interface Execution {
  id: string;
  status: string;
  event: { id: string };
}

let cluster: Cluster;
beforeAll(async () => {
  cluster = await Cluster.start();
  await cluster.api('POST', '/v1/buckets', { name: 'chaos-in' });
  const Wait = { Type: 'Wait', Seconds: 1, End: true };
  await cluster.api('POST', '/v1/workflows', { name: 'wait', definition: { StartAt: 'Wait', States: { Wait } } });
  const target = { workflow: 'wait' };
  const source = { bucket: 'chaos-in' };
  await cluster.api('POST', '/v1/triggers', { name: 'uploads', kind: 'object', source, target });
  const onMessage = { name: 'messages', kind: 'topic', source: { topic: 'chaos', from: 'earliest' }, target };
  await cluster.api('POST', '/v1/triggers', onMessage);
});
afterAll(() => cluster?.remove());

/** Uploads and messages in turn; resolves to how many of each. */
async function sendUntil(over: AbortSignal): Promise<number> {
  for (let sent = 0; ; sent++) {
    if (over.aborted) return sent;
    const Key = `file-${sent}`;
    await cluster.s3().send(new PutObjectCommand({ Bucket: 'chaos-in', Key, Body: `content of ${Key}` }));
    await cluster.api('POST', '/v1/topics/chaos/messages', { messages: [{ key: Key, value: sent }] });
    await sleep(50);
  }
}

it('every upload and every message starts one execution, and ends, however often one of two routers is killed', async () => {
  const routers = [await cluster.router(), await cluster.router()];
  const over = new AbortController();
  const sending = sendUntil(over.signal);
  for (let n = 0; n < 4; n++) {
    await sleep(200 + Math.random() * 500);
    const victim = n % 2;
    await routers[victim]!.end('SIGKILL');
    routers[victim] = await cluster.router();
  }
  over.abort();
  const sent = await sending;
  expect(sent).toBeGreaterThan(20);
  const all = await eventually(async () => {
    const found = await listAll<Execution>(cluster, '/v1/executions');
    return found.length >= 2 * sent && found.every(({ status }) => status === 'SUCCEEDED') && found;
  }, 60_000);
  expect(all).toHaveLength(2 * sent);
  expect(new Set(all.map(({ event }) => event.id)).size).toBe(2 * sent);
});
