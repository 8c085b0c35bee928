import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ChildApp } from '../support/child-app.js';
import { Cluster } from '../support/cluster.js';
import { eventually } from '../support/standalone.js';
import { MinioServer } from './support/minio-server.js';
import { uploadOddly } from './support/odd-uploads.js';
import { compare, startsOf } from './support/starts.js';
import { aws, minioClient } from './support/uploaders.js';

const LISTENING = { SPOOL_S3_NOTIFICATIONS: 'listen' };
const TOLD = { SPOOL_S3_NOTIFICATIONS: 'webhook' };

let server: MinioServer;
let cluster: Cluster;
let routers: ChildApp[] = [];
beforeAll(async () => {
  server = await MinioServer.start();
  cluster = await Cluster.start({ store: server });
});
afterAll(async () => {
  await cluster?.remove();
  await server?.stop();
});

/** Two routers for a bucket with a trigger; those of the test before are gone. */
async function open(bucket: string, env: Record<string, string>): Promise<void> {
  await aws(server, 's3', 'mb', `s3://${bucket}`);
  const States = { End: { Type: 'Succeed' } };
  await cluster.api('POST', '/v1/workflows', { name: bucket, definition: { StartAt: 'End', States } });
  const trigger = { name: bucket, kind: 'object', source: { bucket }, target: { workflow: bucket } };
  await cluster.api('POST', '/v1/triggers', {
    ...trigger,
    input: { 'what.$': '$.data.key', 'by.$': '$.data.eventName' },
  });
  await Promise.all(routers.map((router) => router.end('SIGKILL')));
  routers = await Promise.all([cluster.router(env), cluster.router(env)]);
}

const upload = (bucket: string) => uploadOddly(server, bucket);
const started = (bucket: string, keys: readonly string[]) =>
  eventually(async () => compare(keys, await startsOf(cluster, bucket)).missed.length === 0);
const sweep = (bucket: string) => cluster.api('POST', `/v1/buckets/${bucket}/sweep`);
const ledger = (bucket: string) =>
  cluster.api<{ seen: number; acted: number; healed: number }>('GET', `/v1/buckets/${bucket}/ledger`);

const healedKeys = async (bucket: string): Promise<string[]> => {
  const path = `/v1/buckets/${bucket}/ledger/objects?healed=true&limit=1000`;
  return (await cluster.api<{ items: { key: string }[] }>('GET', path)).items.map(({ key }) => key);
};

/** A live connection tells nothing of what was before it: puts until a notification comes. */
async function heard(bucket: string): Promise<void> {
  const client = minioClient(server);
  await eventually(async () => {
    await client.putObject(bucket, 'probe', Buffer.from('?'));
    const { seen, healed } = await ledger(bucket);
    return seen > healed;
  });
}

describe('object triggers on MinIO, with two routers', () => {
  it('start each upload once by listenBucketNotification', async () => {
    await open('listened', LISTENING);
    await heard('listened');
    const keys = await upload('listened');
    await started('listened', keys);
    expect(compare(keys, await startsOf(cluster, 'listened')).twice.filter((key) => key !== 'probe')).toEqual([]);
    expect((await healedKeys('listened')).filter((key) => key !== 'probe')).toEqual([]);
  });

  it("start each upload once by MinIO's webhook, with a router killed meanwhile", async () => {
    const { url, key } = cluster.access;
    await server.kill();
    await server.launch({
      MINIO_NOTIFY_WEBHOOK_ENABLE_SPOOL: 'on',
      MINIO_NOTIFY_WEBHOOK_ENDPOINT_SPOOL: `${url}/v1/hooks/s3`,
      MINIO_NOTIFY_WEBHOOK_AUTH_TOKEN_SPOOL: `Bearer ${key}`,
      MINIO_NOTIFY_WEBHOOK_QUEUE_DIR_SPOOL: server.queueDir,
    });
    await open('told', TOLD);
    const Events = ['s3:ObjectCreated:*', 's3:ObjectRemoved:*'];
    const configuration = { QueueConfigurations: [{ QueueArn: 'arn:minio:sqs::SPOOL:webhook', Events }] };
    const json = ['--notification-configuration', JSON.stringify(configuration)];
    await aws(server, 's3api', 'put-bucket-notification-configuration', '--bucket', 'told', ...json);
    const uploading = upload('told');
    await routers[0]!.end('SIGKILL');
    const keys = await uploading;
    await started('told', keys);
    await sweep('told');
    await eventually(async () => (await ledger('told')).seen === keys.length);
    expect(compare(keys, await startsOf(cluster, 'told'))).toEqual({ missed: [], twice: [] });
    expect((await ledger('told')).healed).toBe(0);
  });

  it('start each upload once by sweeps alone', async () => {
    await open('swept', TOLD);
    const keys = await upload('swept');
    await sweep('swept');
    await started('swept', keys);
    await sweep('swept');
    const figures = await eventually(async () => {
      const found = await cluster.api<{ seen: number; healed: number; sweep: { healed: number } }>(
        'GET',
        '/v1/buckets/swept/ledger',
      );
      return found.seen === keys.length && found;
    });
    expect(figures.healed).toBe(keys.length);
    expect(compare(keys, await startsOf(cluster, 'swept'))).toEqual({ missed: [], twice: [] });
  });

  it('start what was acknowledged once, though MinIO and a router are killed in the middle', async () => {
    await open('restarted', LISTENING);
    const client = minioClient(server);
    const [acknowledged, tried]: [string[], string[]] = [[], []];
    const over = new AbortController();
    const uploading = (async () => {
      for (let n = 0; !over.signal.aborted; n++) {
        const key = `file ${n}`;
        tried.push(key);
        await client.putObject('restarted', key, Buffer.from(key)).then(
          () => acknowledged.push(key),
          () => sleep(20),
        );
      }
    })();
    const more = (count: number) => eventually(async () => acknowledged.length >= count);
    await more(30);
    await server.kill();
    await server.launch();
    await more(60);
    await routers[1]!.end('SIGKILL');
    await more(90);
    await server.kill();
    await server.launch();
    await more(120);
    over.abort();
    await uploading;
    await eventually(async () => {
      await sweep('restarted');
      return compare(acknowledged, await startsOf(cluster, 'restarted')).missed.length === 0;
    });
    const starts = await startsOf(cluster, 'restarted');
    expect(compare(acknowledged, starts)).toEqual({ missed: [], twice: [] });
    expect(tried).toEqual(expect.arrayContaining([...starts.keys()]));
  });
});
