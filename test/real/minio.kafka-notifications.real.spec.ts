import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { Cluster } from '../support/cluster.js';
import { eventually } from '../support/standalone.js';
import { KafkaServer } from './support/kafka-server.js';
import { MinioServer } from './support/minio-server.js';
import { uploadOddly } from './support/odd-uploads.js';
import { compare, startsOf } from './support/starts.js';
import { aws } from './support/uploaders.js';

const TOPIC = 'minio-events';

let kafka: KafkaServer;
let minio: MinioServer;
let cluster: Cluster;
beforeAll(async () => {
  [kafka, minio] = await Promise.all([KafkaServer.start(), MinioServer.start()]);
  const env = {
    SPOOL_EVENT_BUS: 'kafka',
    SPOOL_KAFKA_BROKERS: kafka.broker,
    SPOOL_S3_NOTIFICATIONS: 'topic',
    SPOOL_S3_NOTIFICATIONS_TOPIC: TOPIC,
  };
  cluster = await Cluster.start({ store: minio, env });
  await minio.kill();
  await minio.launch({
    MINIO_NOTIFY_KAFKA_ENABLE_SPOOL: 'on',
    MINIO_NOTIFY_KAFKA_BROKERS_SPOOL: kafka.broker,
    MINIO_NOTIFY_KAFKA_TOPIC_SPOOL: TOPIC,
    MINIO_NOTIFY_KAFKA_QUEUE_DIR_SPOOL: minio.queueDir,
    // Kafka 4 does not speak the protocol of 1.0 any more, which MinIO begins with.
    MINIO_NOTIFY_KAFKA_VERSION_SPOOL: '2.8.0',
  });
  await aws(minio, 's3', 'mb', 's3://told');
  const Events = ['s3:ObjectCreated:*', 's3:ObjectRemoved:*'];
  const configuration = { QueueConfigurations: [{ QueueArn: 'arn:minio:sqs::SPOOL:kafka', Events }] };
  const json = ['--notification-configuration', JSON.stringify(configuration)];
  await aws(minio, 's3api', 'put-bucket-notification-configuration', '--bucket', 'told', ...json);
  const States = { End: { Type: 'Succeed' } };
  await cluster.api('POST', '/v1/workflows', { name: 'told', definition: { StartAt: 'End', States } });
  await cluster.api('POST', '/v1/triggers', {
    name: 'told',
    kind: 'object',
    source: { bucket: 'told' },
    target: { workflow: 'told' },
    input: { 'what.$': '$.data.key' },
  });
});
afterAll(async () => {
  await cluster?.remove();
  await Promise.all([kafka?.stop(), minio?.stop()]);
});

it('uploads that MinIO tells of on Kafka start once each, though routers and the broker are killed meanwhile', async () => {
  const routers = [await cluster.router(), await cluster.router()];
  const first = uploadOddly(minio, 'told');
  await routers[0]!.end('SIGKILL');
  const keys = await first;
  await kafka.kill();
  await aws(minio, 's3', 'cp', '--only-show-errors', 'package.json', 's3://told/while the broker is away.json');
  await kafka.launch();
  await cluster.router();
  const expected = [...keys, 'while the broker is away.json'];
  await eventually(async () => compare(expected, await startsOf(cluster, 'told')).missed.length === 0, 180_000);
  expect(compare(expected, await startsOf(cluster, 'told'))).toEqual({ missed: [], twice: [] });
  const ledger = await cluster.api<{ seen: number; healed: number }>('GET', '/v1/buckets/told/ledger');
  expect(ledger.seen).toBe(expected.length);
}, 300_000);
