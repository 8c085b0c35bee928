import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Logger } from '@nestjs/common';
import { afterAll, describe, expect, it } from '@jest/globals';
import type { ObjectNotification } from '../object-notifications.js';
import { describeObjectNotifications } from '../object-notifications.contract.js';
import { S3Clients } from '../s3/s3-clients.js';
import { S3ObjectStore } from '../s3/s3.object-store.js';
import { credentials, startTestServer, type TestServer } from '../testing/embedded.js';
import { until } from '../testing/until.js';
import { type MinioNotificationsOptions, MinioObjectNotifications } from './minio.object-notifications.js';

Logger.overrideLogger(false);

const cleanUps: (() => PromiseLike<unknown> | void)[] = [];
afterAll(async () => {
  for (const cleanUp of cleanUps.toReversed()) await cleanUp();
});

async function connect() {
  const server = await startTestServer();
  const clients = new S3Clients(server.options);
  cleanUps.push(
    () => server[Symbol.asyncDispose](),
    () => clients.close(),
  );
  const store = new S3ObjectStore(clients);
  return { server, store, notifications: listener(server, { buckets: () => store.listBuckets() }) };
}

function listener(
  server: TestServer,
  more: Pick<MinioNotificationsOptions, 'buckets' | 'onConnected'>,
): MinioObjectNotifications {
  const endpoint = server.server.endpoint;
  return new MinioObjectNotifications({
    endpoint,
    region: 'us-east-1',
    ...credentials,
    refreshMs: 20,
    firstBackoffMs: 20,
    ...more,
  });
}

describeObjectNotifications('MinioObjectNotifications', connect);
describeObjectNotifications('EmbeddedNotifications', async () => {
  const { server, store } = await connect();
  return { store, notifications: server.server.notifications };
});

const buckets = async () => ['bucket'];

describe('the listener to MinIO', () => {
  it('hears of buckets that are made later, and goes on when their list can not be had', async () => {
    const { server, store } = await connect();
    let asked = 0;
    const notifications = listener(server, {
      buckets: async () => {
        if (asked++ % 2 === 0) throw new Error('not now');
        return store.listBuckets();
      },
    });
    const stop = new AbortController();
    const heard = new Set<string>();
    const listening = notifications.listen(async (one) => void heard.add(one.bucket), stop.signal);
    await store.ensureBucket('later');
    await until(async () => {
      await store.put({ bucket: 'later', key: 'k' }, 'x');
      return heard.has('later');
    });
    stop.abort();
    await listening;
  });

  it('connects again when the store was away, and says each time that it listens', async () => {
    const { server, store } = await connect();
    await store.ensureBucket('again');
    const { port } = new URL(server.server.endpoint);
    const connected: string[] = [];
    const onConnected = (bucket: string): void => void connected.push(bucket);
    const notifications = listener(server, { buckets: async () => ['again'], onConnected });
    const stop = new AbortController();
    const heard: ObjectNotification[] = [];
    const listening = notifications.listen(async (one) => void heard.push(one), stop.signal);
    const put = async (): Promise<boolean> => {
      await store.put({ bucket: 'again', key: 'k' }, 'x');
      return heard.length > 0;
    };
    await until(put);
    expect(connected).toEqual(['again']);
    await server.server.close();
    connected.length = 0;
    const back = await startTestServer({ dir: server.dir, port: Number(port) });
    cleanUps.push(() => back.server.close());
    heard.length = 0;
    await until(put);
    expect(connected).toEqual(expect.arrayContaining(['again']));
    stop.abort();
    await listening;
  });

  it.each([
    ['XML, as AWS does', 'application/xml', '<ListBucketResult/>'],
    ['lines that are no JSON', 'text/event-stream', 'hello\n'],
  ])('outlives an answer of %s', async (_name, type, body) => {
    let asked = 0;
    const server: Server = createServer((_request, response) => {
      asked++;
      response.writeHead(200, { 'content-type': type }).end(body);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    cleanUps.push(() => void server.close());
    const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const notifications = new MinioObjectNotifications({
      endpoint,
      region: 'us-east-1',
      ...credentials,
      buckets,
      firstBackoffMs: 5,
    });
    const stop = new AbortController();
    const listening = notifications.listen(async () => {}, stop.signal);
    await until(() => asked >= 2);
    stop.abort();
    await listening;
    expect(asked).toBeLessThan(10);
  });
});
