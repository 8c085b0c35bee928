import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { GetObjectCommand, HeadObjectCommand, ListMultipartUploadsCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { Cluster } from '../support/cluster.js';
import { processesWith } from '../support/process-table.js';
import { eventually } from '../support/standalone.js';

interface Invocation {
  id: string;
  status: string;
  attempt: number;
  executor?: string;
  progress?: { percent?: number };
}
const SLOW = { codec: 'h264', preset: 'veryslow', fps: 60 };
const target = { Bucket: 'media-out', Key: 'clip.mp4' };

let cluster: Cluster;
beforeAll(async () => {
  cluster = await Cluster.start();
  for (const name of ['media-in', 'media-out']) await cluster.api('POST', '/v1/buckets', { name });
  const Body = readFileSync('functions/media/examples/pedestrians.mp4');
  await cluster.s3().send(new PutObjectCommand({ Bucket: 'media-in', Key: 'clip.mp4', Body }));
  await cluster.router();
});
afterAll(() => cluster?.remove());

const show = (id: string) => cluster.api<Invocation>('GET', `/v1/invocations/${id}`);

const isVisible = (): Promise<boolean> =>
  cluster
    .s3()
    .send(new HeadObjectCommand(target))
    .then(
      () => true,
      () => false,
    );

it('a transcode whose executor is killed in the middle is done whole by another, once, and leaves nothing', async () => {
  const event = { source: 's3://media-in/clip.mp4', destination: 's3://media-out/clip.mp4', video: SLOW };
  const path = '/v1/functions/media.transcode/invocations?mode=async';
  const { id } = await cluster.api<Invocation>('POST', path, event);
  const first = await cluster.executor('first');
  const underWay = await eventually(async () => {
    const invocation = await show(id);
    return (invocation.progress?.percent ?? 0) > 0 && invocation;
  });
  expect(underWay).toMatchObject({ status: 'RUNNING', attempt: 1 });
  await first.end('SIGKILL');
  expect(await isVisible()).toBe(false);
  await eventually(async () => processesWith(join(cluster.dir, 'first')).length === 0);

  await cluster.executor('second');
  const ended = await eventually(async () => {
    const invocation = await show(id);
    if (invocation.status === 'RUNNING' || invocation.status === 'QUEUED') expect(await isVisible()).toBe(false);
    return !['QUEUED', 'RUNNING', 'PUBLISHING'].includes(invocation.status) && invocation;
  }, 150_000);
  expect(ended).toMatchObject({ status: 'SUCCEEDED', attempt: 2 });
  expect(ended.executor).not.toBe(underWay.executor);
  const { Body, Metadata } = await cluster.s3().send(new GetObjectCommand(target));
  expect((await Body?.transformToByteArray())?.length).toBeGreaterThan(10_000);
  expect(Metadata).toMatchObject({ 'spool-task': id });
  const uploads = await cluster.s3().send(new ListMultipartUploadsCommand({ Bucket: 'media-out' }));
  expect(uploads.Uploads ?? []).toEqual([]);
});

it('what the killed executor left in its folder is cleared when it starts again', async () => {
  const work = join(cluster.dir, 'first/executor/tasks');
  const left = () => (existsSync(work) ? readdirSync(work).flatMap((owner) => readdirSync(join(work, owner))) : []);
  expect(left()).not.toEqual([]);
  await cluster.executor('first');
  await eventually(async () => left().length === 0);
});
