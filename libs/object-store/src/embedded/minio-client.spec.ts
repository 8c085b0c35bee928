import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { buildARN, Client, NotificationConfig, ObjectCreatedAll, QueueConfig } from 'minio';
import { credentials, startTestServer, type TestServer } from '../testing/embedded.js';
import { until } from '../testing/until.js';

const bucket = 'minio';
const content = randomBytes(100_000);

describe('the minio client', () => {
  let server: TestServer;
  let client: Client;
  let dir: string;
  beforeAll(async () => {
    server = await startTestServer();
    dir = await mkdtemp(join(tmpdir(), 'spool-minio-'));
    const { accessKeyId: accessKey, secretAccessKey: secretKey } = credentials;
    const port = Number(new URL(server.server.endpoint).port);
    client = new Client({ endPoint: '127.0.0.1', port, useSSL: false, accessKey, secretKey });
    await client.makeBucket(bucket);
  });
  afterAll(async () => {
    await server[Symbol.asyncDispose]();
    await rm(dir, { recursive: true });
  });

  it('puts and gets files, small and in parts, with their metadata', async () => {
    const [small, large] = [join(dir, 'small'), join(dir, 'large')];
    await writeFile(small, content);
    await writeFile(large, Buffer.alloc(70 << 20, 7));
    await client.fPutObject(bucket, 'small', small, { 'Content-Type': 'text/plain', 'X-Amz-Meta-A': 'b' });
    await client.fPutObject(bucket, 'large', large);
    expect(await client.statObject(bucket, 'small')).toMatchObject({
      size: 100_000,
      metaData: { a: 'b', 'content-type': 'text/plain' },
    });
    expect((await client.statObject(bucket, 'large')).size).toBe(70 << 20);
    const part = await buffer(await client.getPartialObject(bucket, 'small', 10, 10));
    expect(part.equals(content.subarray(10, 20))).toBe(true);
    expect((await buffer(await client.getObject(bucket, 'small'))).equals(content)).toBe(true);
  });

  it('puts a stream of unknown length, signed in chunks', async () => {
    await client.putObject(bucket, 'stream', Buffer.from('hello'));
    expect((await buffer(await client.getObject(bucket, 'stream'))).toString()).toBe('hello');
  });

  it('lists, copies and removes', async () => {
    for (const name of ['l/a', 'l/b/ü', 'l/c']) await client.putObject(bucket, name, 'x');
    const names = async (recursive: boolean) => {
      const found: (string | undefined)[] = [];
      for await (const item of client.listObjectsV2(bucket, 'l/', recursive)) found.push(item.name ?? item.prefix);
      return found.toSorted();
    };
    expect(await names(true)).toEqual(['l/a', 'l/b/ü', 'l/c']);
    expect(await names(false)).toEqual(['l/a', 'l/b/', 'l/c']);
    await client.copyObject(bucket, 'l/d', `/${bucket}/l/a`);
    await client.removeObjects(bucket, ['l/a', 'l/b/ü']);
    expect(await names(true)).toEqual(['l/c', 'l/d']);
  });

  it('presigns a GET, a PUT and a form', async () => {
    const put = await fetch(await client.presignedPutObject(bucket, 'signed', 60), { method: 'PUT', body: 'hello' });
    expect(put.status).toBe(200);
    expect(await (await fetch(await client.presignedGetObject(bucket, 'signed', 60))).text()).toBe('hello');
    const policy = client.newPostPolicy();
    policy.setBucket(bucket);
    policy.setKeyStartsWith('posted/');
    policy.setContentLengthRange(1, 10);
    policy.setExpires(new Date(Date.now() + 60_000));
    const { postURL, formData } = await client.presignedPostPolicy(policy);
    const form = new FormData();
    for (const [name, value] of Object.entries({ ...formData, key: 'posted/a' })) form.append(name, String(value));
    form.append('file', new Blob(['hi']), 'x.txt');
    expect((await fetch(postURL, { method: 'POST', body: form })).status).toBe(204);
    expect((await client.statObject(bucket, 'posted/a')).size).toBe(2);
  });

  it('sets and gets the notification configuration', async () => {
    const config = new NotificationConfig();
    const queue = new QueueConfig(buildARN('minio', 'sqs', '', '1', 'webhook'));
    queue.addEvent(ObjectCreatedAll);
    config.add(queue);
    await client.setBucketNotification(bucket, config);
    expect(JSON.stringify(await client.getBucketNotification(bucket))).toContain('arn:minio:sqs::1:webhook');
  });

  it('listens to a bucket, by prefix, suffix and kind', async () => {
    const heard: string[] = [];
    const listener = client.listenBucketNotification(bucket, 'ev/', '.mp4', ['s3:ObjectCreated:*']);
    listener.on('notification', (record) => {
      const { eventName, s3 } = record as { eventName: string; s3: { object: { key: string } } };
      heard.push(`${eventName} ${s3.object.key}`);
    });
    await until(async () => {
      await client.putObject(bucket, 'other.mp4', 'x');
      await client.putObject(bucket, 'ev/a.txt', 'x');
      await client.putObject(bucket, 'ev/a b.mp4', 'x');
      await client.removeObject(bucket, 'ev/a b.mp4');
      return heard.length > 0;
    });
    listener.stop();
    await client.putObject(bucket, 'ev/a b.mp4', 'x');
    expect(new Set(heard)).toEqual(new Set(['s3:ObjectCreated:Put ev/a b.mp4']));
  });
});
