import { randomInt } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { sql } from '@app/common';
import type { ChildApp } from '../support/child-app.js';
import { Cluster } from '../support/cluster.js';
import { eventually } from '../support/standalone.js';
import { KafkaServer } from './support/kafka-server.js';
import { kcat } from './support/kcat.js';

interface Started {
  readonly key: string;
  readonly n: number;
}

const KEYS = 12;
const EACH = 60;
const KILLS = 4;
const States = { End: { Type: 'Succeed' } };

let kafka: KafkaServer;
let cluster: Cluster;
let routers: ChildApp[] = [];
beforeAll(async () => {
  kafka = await KafkaServer.start();
  cluster = await Cluster.start({ env: { SPOOL_EVENT_BUS: 'kafka', SPOOL_KAFKA_BROKERS: kafka.broker } });
  routers = await Promise.all([cluster.router(), cluster.router()]);
});
afterAll(async () => {
  await cluster?.remove();
  await kafka?.stop();
});

async function makeTrigger(name: string, source: object): Promise<void> {
  await cluster.api('POST', '/v1/workflows', { name, definition: { StartAt: 'End', States } });
  const wanted = { name, kind: 'topic', source: { topic: name, from: 'earliest', ...source } };
  await cluster.api('POST', '/v1/triggers', { ...wanted, target: { workflow: name } });
}

/** What executions of a workflow got, in the order of their starts: messages one by one, or in lists. */
async function startsOf(workflow: string): Promise<Started[]> {
  const rows = await cluster.postgres.database.query<{ data: { messages?: { value: Started }[]; value: Started } }>(
    sql`
      select coalesce(input, stored_value(id, input_place))->'data' as data
      from execution where workflow = ${workflow} order by id`,
  );
  return rows.flatMap(({ data }) => data.messages?.map(({ value }) => value) ?? [data.value]);
}

/** Some at a time, so that there is something to kill in the middle. */
async function publish(topic: string): Promise<void> {
  for (let n = 0; n < EACH; n += 5) {
    const some = Array.from({ length: 5 * KEYS }, (_, i) => ({ key: `key ${i % KEYS}`, n: n + Math.floor(i / KEYS) }));
    await eventually(() =>
      kcat(
        kafka.broker,
        topic,
        some.map((one) => [one.key, JSON.stringify(one)] as const),
      ).then(() => true),
    );
    await sleep(100);
  }
}

async function killAround(): Promise<void> {
  for (let kill = 0; kill < KILLS; kill++) {
    await sleep(randomInt(300, 2_000));
    await routers[kill % 2]?.end('SIGKILL');
    if (kill === 2) await kafka.kill().then(() => kafka.launch());
    routers[kill % 2] = await cluster.router();
  }
}

describe.each([
  ['starts its messages', {}],
  ['works its messages off one by one', { until: 'ended' }],
  ['works its messages off in batches', { batch: { size: 7, windowSeconds: 0.2 }, bisect: true }],
])('a topic trigger that %s', (name, source) => {
  it('starts each once and those of a key in their order, though its two routers and the broker are killed', async () => {
    const topic = name.replaceAll(/\W/g, '-');
    await makeTrigger(topic, source);
    await Promise.all([publish(topic), killAround()]);
    const expected = KEYS * EACH;
    await eventually(async () => (await startsOf(topic)).length >= expected, 180_000);
    const starts = await startsOf(topic);
    const byKey = new Map<string, number[]>();
    for (const { key, n } of starts) byKey.set(key, [...(byKey.get(key) ?? []), n]);
    // What kcat sent again, as it did not hear that it was stored, is another message.
    const sent = [...byKey.values()].map((numbers) => new Set(numbers).size);
    expect(sent).toEqual(Array.from({ length: KEYS }, () => EACH));
    const { lag, waiting } = await cluster.api<{ lag: number; waiting: number }>('GET', `/v1/triggers/${topic}/place`);
    expect({ lag, waiting }).toEqual({ lag: 0, waiting: 0 });
    const events = await messagesInOrder(topic);
    const started = await startedInOrder(topic);
    expect(started).toEqual(events);
  }, 400_000);
});

const byLane = (rows: readonly { key: string; offsets: string[] }[]) =>
  Object.fromEntries(rows.map(({ key, offsets }) => [key, offsets]));

/** What the topic holds of each key. */
async function messagesInOrder(topic: string) {
  return byLane(
    await cluster.postgres.database.query<{ key: string; offsets: string[] }>(sql`
      select subject as key, array_agg(data->>'offset' order by (data->>'offset')::bigint) as offsets
      from event where source = ${`/topics/${topic}`} and type = 'spool.topic.message' group by 1 order by 1`),
  );
}

/** In which order what was started of each key. */
async function startedInOrder(topic: string) {
  return byLane(
    await cluster.postgres.database.query<{ key: string; offsets: string[] }>(sql`
      select message->>'key' as key, array_agg(message->>'offset' order by execution.id, place) as offsets
      from execution,
           lateral (select coalesce(input, stored_value(id, input_place))->'data' as data) given,
           json_array_elements(
             coalesce(data->'messages', json_build_array(data))) with ordinality as t(message, place)
      where workflow = ${topic} group by 1 order by 1`),
  );
}

describe('a topic trigger on Kafka', () => {
  it('gives a function batches with keys and headers, and buries what it names as failed for ever', async () => {
    const executor = await cluster.executor('one');
    const code = `export const handler = ({ data }) => ({
      batchItemFailures: data.messages
        .filter(({ value, headers }) => value === 'poison' || headers.from !== 'kcat')
        .map(({ id }) => ({ itemIdentifier: id })),
      got: data.messages.length,
    });`;
    const config = { name: 'consume', runtime: 'nodejs', handler: 'index.handler', files: { 'index.mjs': code } };
    await cluster.api('POST', '/v1/functions', config);
    const source = { topic: 'failing', from: 'earliest', batch: { size: 10, windowSeconds: 1 }, maxAttempts: 2 };
    const trigger = { name: 'failing', kind: 'topic', source, target: { function: 'consume' } };
    await cluster.api('POST', '/v1/triggers', trigger);
    const messages = [
      ['a', '1'],
      ['b', 'poison'],
      ['b', 'behind'],
      ['c', '3'],
    ] as const;
    await kcat(kafka.broker, 'failing', messages, { headers: { from: 'kcat' } });
    const letters = await eventually(async () => {
      const found = await cluster.api<{ items: object[] }>('GET', '/v1/dead-letters?trigger=failing');
      const { waiting, running } = await cluster.api<Record<string, number>>('GET', '/v1/triggers/failing/place');
      return found.items.length > 0 && waiting === 0 && running === 0 && found.items;
    });
    expect(letters).toMatchObject([
      { error: 'Batch.ItemFailed', attempts: 2, payload: { event: { data: { key: 'b', value: 'poison' } } } },
    ]);
    await executor.end('SIGTERM');
  });

  it('reads on from where it is put, with two routers at once', async () => {
    await makeTrigger('again', {});
    await kcat(kafka.broker, 'again', [
      ['k', '{"key":"k","n":1}'],
      ['k', '{"key":"k","n":2}'],
    ]);
    await eventually(async () => (await startsOf('again')).length === 2);
    await cluster.api('POST', '/v1/triggers/again/reset', { to: 'earliest' });
    await eventually(async () => (await startsOf('again')).length === 4);
    await cluster.api('POST', '/v1/triggers/again/pause');
    await kcat(kafka.broker, 'again', [['k', '{"key":"k","n":3}']]);
    await eventually(async () => (await cluster.api<{ lag: number }>('GET', '/v1/triggers/again/place')).lag === 1);
    await cluster.api('POST', '/v1/triggers/again/reset', { to: 'latest' });
    await eventually(async () => (await cluster.api<{ lag: number }>('GET', '/v1/triggers/again/place')).lag === 0);
    await cluster.api('POST', '/v1/triggers/again/resume');
    await kcat(kafka.broker, 'again', [['k', '{"key":"k","n":4}']]);
    await eventually(async () => (await startsOf('again')).length === 5);
    expect((await startsOf('again')).map(({ n }) => n)).toEqual([1, 2, 1, 2, 4]);
  });
});
