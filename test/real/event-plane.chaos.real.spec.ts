import { randomInt, randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { Kafka, logLevel } from 'kafkajs';
import { Cluster } from '../support/cluster.js';
import { eventually } from '../support/standalone.js';
import { KafkaServer } from './support/kafka-server.js';
import { MinioServer } from './support/minio-server.js';
import { compare, startsOf } from './support/starts.js';
import { UnreliableNotifier } from './support/unreliable-notifier.js';
import { aws, minioClient } from './support/uploaders.js';

const EACH = 2_600;
const AT_A_TIME = 4;
const KILLS = 8;

let kafka: KafkaServer;
let minio: MinioServer;
let cluster: Cluster;
let notifier: UnreliableNotifier;
beforeAll(async () => {
  [kafka, minio] = await Promise.all([KafkaServer.start(), MinioServer.start()]);
  const bus = { SPOOL_EVENT_BUS: 'kafka', SPOOL_KAFKA_BROKERS: kafka.broker, SPOOL_S3_NOTIFICATIONS: 'webhook' };
  cluster = await Cluster.start({ store: minio, env: bus });
  notifier = await UnreliableNotifier.start(cluster.access);
  await minio.kill();
  await minio.launch(settings());
  await aws(minio, 's3', 'mb', 's3://chaos');
  const notifications = {
    QueueConfigurations: [{ QueueArn: 'arn:minio:sqs::SPOOL:webhook', Events: ['s3:ObjectCreated:*'] }],
  };
  const json = ['--notification-configuration', JSON.stringify(notifications)];
  await aws(minio, 's3api', 'put-bucket-notification-configuration', '--bucket', 'chaos', ...json);
  await makeTriggers();
});
afterAll(async () => {
  await cluster?.remove();
  await notifier?.stop();
  await Promise.all([kafka?.stop(), minio?.stop()]);
});

const settings = () => ({
  MINIO_NOTIFY_WEBHOOK_ENABLE_SPOOL: 'on',
  MINIO_NOTIFY_WEBHOOK_ENDPOINT_SPOOL: notifier.url,
  MINIO_NOTIFY_WEBHOOK_QUEUE_DIR_SPOOL: minio.queueDir,
});

/** All start one workflow, and tell it what the event was. */
async function makeTriggers(): Promise<void> {
  const States = { End: { Type: 'Succeed' } };
  await cluster.api('POST', '/v1/workflows', { name: 'chaos', definition: { StartAt: 'End', States } });
  const trigger = (kind: string, source: object, path: string) =>
    cluster.api('POST', '/v1/triggers', {
      name: kind,
      kind,
      source,
      target: { workflow: 'chaos' },
      input: { 'what.$': `States.Format('${kind} {}', ${path})` },
    });
  await trigger('webhook', { path: 'chaos', signature: { kind: 'none' } }, '$.data.body.n');
  await trigger('event', { types: ['chaos'] }, '$.data.n');
  await trigger('object', { bucket: 'chaos' }, '$.data.key');
  await trigger('topic', { topic: 'chaos', from: 'earliest' }, '$.id');
}

/** Calls `send` with each number, some at a time. */
async function all(count: number, send: (n: number) => Promise<unknown>): Promise<void> {
  let next = 0;
  const sender = async (): Promise<void> => {
    while (next < count) await send(next++);
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, sender));
}

const isLucky = (share: number): boolean => Math.random() < share;

async function sendWebhook(n: number): Promise<void> {
  const headers = { 'content-type': 'application/json', 'idempotency-key': `webhook ${n}` };
  const init = { method: 'POST', headers, body: JSON.stringify({ n }) };
  const response = await fetch(`${cluster.access.url}/hooks/default/chaos`, init);
  expect([response.status, await response.text()]).toEqual([202, expect.anything()]);
}

async function sendWebhooks(): Promise<string[]> {
  await all(EACH, async (n) => Promise.all(isLucky(0.2) ? [sendWebhook(n), sendWebhook(n)] : [sendWebhook(n)]));
  return Array.from({ length: EACH }, (_, n) => `webhook ${n}`);
}

async function sendCloudEvents(): Promise<string[]> {
  const type = 'chaos';
  await all(EACH, async (n) => {
    const event = { specversion: '1.0', id: `${n}`, source: '/chaos', type, data: { n } };
    const times = isLucky(0.2) ? 2 : 1;
    await Promise.all(Array.from({ length: times }, () => cluster.api('POST', '/v1/events', event)));
  });
  return Array.from({ length: EACH }, (_, n) => `event ${n}`);
}

/** Those that MinIO acknowledged; an upload that failed may be there all the same, and is tried under another key. */
async function sendUploads(): Promise<string[]> {
  const client = minioClient(minio);
  const acknowledged: string[] = [];
  await all(EACH, async () => {
    for (;;) {
      const key = randomUUID();
      const isThere = await client.putObject('chaos', key, Buffer.from(key)).then(
        () => true,
        () => false,
      );
      if (isThere) return acknowledged.push(`object ${key}`);
      await sleep(100);
    }
  });
  return acknowledged;
}

/** What is in the topic in the end, of which a producer that tries again may have put some in twice. */
async function sendMessages(): Promise<string[]> {
  const client = new Kafka({ brokers: [kafka.broker], logLevel: logLevel.NOTHING });
  const [producer, admin] = [client.producer(), client.admin()];
  await producer.connect();
  const topic = 'chaos';
  for (let sent = 0; sent < EACH; sent += 20) {
    const messages = Array.from({ length: 20 }, (_, n) => ({ key: `${n}`, value: JSON.stringify({ n: sent + n }) }));
    await eventually(() => producer.send({ topic, acks: -1, messages }), 60_000);
    await sleep(200);
  }
  await producer.disconnect();
  const offsets = await admin.fetchTopicOffsets(topic);
  await admin.disconnect();
  return offsets.flatMap(({ partition, high }) =>
    Array.from({ length: Number(high) }, (_, offset) => `topic ${partition}-${offset}`),
  );
}

/** Kills one of two routers at a time; once meanwhile the broker, and once the store. */
async function killAround(): Promise<void> {
  const routers = [await cluster.router(), await cluster.router()];
  for (let kill = 0; kill < KILLS; kill++) {
    await sleep(randomInt(1_000, 6_000));
    const victim = kill % 2;
    await routers[victim]!.end('SIGKILL');
    if (kill === 2) await kafka.kill().then(() => kafka.launch());
    if (kill === 5) await minio.kill().then(() => minio.launch(settings()));
    routers[victim] = await cluster.router();
  }
}

it('10,000 events start one execution each, though routers, Kafka and MinIO are killed and notifications dropped', async () => {
  const begun = Date.now();
  const [, ...sent] = await Promise.all([
    killAround(),
    sendWebhooks(),
    sendCloudEvents(),
    sendUploads(),
    sendMessages(),
  ]);
  const expected = sent.flat();
  await eventually(async () => {
    await cluster.api('POST', '/v1/buckets/chaos/sweep');
    await sleep(1_000);
    return compare(expected, await startsOf(cluster, 'chaos')).missed.length === 0;
  }, 180_000).catch(() => {});
  const starts = await startsOf(cluster, 'chaos');
  const { missed, twice } = compare(expected, starts);
  const ledger = await cluster.api<{ healed: number }>('GET', '/v1/buckets/chaos/ledger');
  const { dropped, doubled } = notifier.fates;
  process.stdout.write(
    `${expected.length} events (webhook, CloudEvent, Kafka, MinIO) in ${Math.round((Date.now() - begun) / 1_000)} s; ` +
      `${KILLS} routers, Kafka and MinIO killed; ${dropped} notifications dropped, ${doubled} doubled, ` +
      `${ledger.healed} uploads found by sweeps: ${missed.length} missed, ${twice.length} started twice\n`,
  );
  expect(expected.length).toBeGreaterThanOrEqual(10_000);
  expect({ missed: missed.slice(0, 5), twice: twice.slice(0, 5) }).toEqual({ missed: [], twice: [] });
}, 600_000);
