import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { Cluster } from '../support/cluster.js';
import { eventually } from '../support/standalone.js';

interface Invocation {
  id: string;
  function: string;
  status: string;
  attempt: number;
  executor?: string;
}
interface Execution {
  id: string;
  status: string;
  cause?: string;
  output: { film: { frames: number; avOffsetMs: number } };
}
const CHUNKS = 5;
const FRAMES = 200;
const retry = [{ ErrorEquals: ['Executor.Lost'], MaxAttempts: 3 }];
const source = { 'source.$': '$.source' };
const task = (name: string, Parameters: object, more: object) => ({
  Type: 'Task',
  Resource: `function:media.${name}`,
  Parameters,
  Retry: retry,
  ...more,
});
const chunk = task(
  'encode-chunk',
  {
    ...source,
    destination: { bucket: 'film', 'key.$': "States.Format('work/{}.mp4', $.chunk.index)" },
    'chunk.$': '$.chunk',
    'frameRate.$': '$.frameRate',
    video: { preset: 'veryslow' },
  },
  { End: true },
);
const Chunks = {
  Type: 'Map',
  ItemsPath: '$.plan.chunks',
  ItemSelector: { ...source, 'chunk.$': '$$.Map.Item.Value', 'frameRate.$': '$.plan.frameRate' },
  ItemProcessor: { StartAt: 'Chunk', States: { Chunk: chunk } },
  ResultPath: '$.chunks',
  Next: 'Sound',
};
const merging = { 'chunks.$': '$.chunks', 'audio.$': '$.sound.object', destination: 's3://film/whole.mp4' };
const definition = {
  StartAt: 'Plan',
  States: {
    Plan: task('plan', { ...source, chunkSeconds: 4 }, { ResultPath: '$.plan', Next: 'Chunks' }),
    Chunks,
    Sound: task(
      'extract-audio',
      { ...source, destination: 's3://film/sound.m4a' },
      { ResultPath: '$.sound', Next: 'Merge' },
    ),
    Merge: task('merge-chunks', merging, { ResultPath: '$.film', End: true }),
  },
};

let cluster: Cluster;
beforeAll(async () => {
  cluster = await Cluster.start();
  await cluster.api('POST', '/v1/buckets', { name: 'film' });
  const Body = readFileSync('functions/media/examples/pedestrians.mp4');
  await cluster.s3().send(new PutObjectCommand({ Bucket: 'film', Key: 'source.mp4', Body }));
  await cluster.api('PUT', '/v1/workflows/film', { definition });
  await cluster.router();
});
afterAll(() => cluster?.remove());

/** Numbers that ffprobe prints, one a line. */
function probed(path: string, stream: string, entries: string): number[] {
  const args = ['-v', 'error', '-select_streams', stream, '-show_entries', entries, '-of', 'csv=p=0', path];
  const { stdout } = spawnSync('ffprobe', args, { encoding: 'utf8' });
  return stdout.trim().split(/\s+/).map(Number.parseFloat);
}

it('an executor that is killed while a film is encoded in chunks costs one chunk, and no frame', async () => {
  const one = { SPOOL_EXECUTOR_SLOTS: '1' };
  const first = await cluster.executor('first', one);
  await cluster.executor('second', one);
  const executors = await eventually(async () => {
    const { items } = await cluster.api<{ items: { id: string; name: string }[] }>('GET', '/v1/executors');
    return items.length === 2 && items;
  });
  const firstId = executors.find(({ name }) => name === 'first')?.id;
  const input = { source: { bucket: 'film', key: 'source.mp4' } };
  const { id } = await cluster.api<Execution>('POST', '/v1/workflows/film/executions', { input });
  const chunks = async () => {
    const { items } = await cluster.api<{ items: Invocation[] }>('GET', `/v1/invocations?execution=${id}&limit=100`);
    return items.filter((invocation) => invocation.function === 'media.encode-chunk');
  };
  const isAtIt = ({ executor, status }: Invocation): boolean => executor === firstId && status === 'RUNNING';
  await eventually(async () => (await chunks()).some(isAtIt));
  await first.end('SIGKILL');

  const execution = await eventually(async () => {
    const found = await cluster.api<Execution>('GET', `/v1/executions/${id}`);
    return found.status !== 'RUNNING' && found;
  }, 240_000);
  expect(execution).toMatchObject({ status: 'SUCCEEDED', output: { film: { frames: FRAMES } } });
  const encodes = await chunks();
  expect(encodes).toHaveLength(CHUNKS);
  expect(encodes.reduce((sum, { attempt }) => sum + attempt, 0)).toBe(CHUNKS + 1);
  expect(Math.abs(execution.output.film.avOffsetMs)).toBeLessThan(1);
  await checkFilm();
}, 300_000);

/** As a tool sees it that had no part in it: each frame at its time, the sound as long as the picture. */
async function checkFilm(): Promise<void> {
  const { Body } = await cluster.s3().send(new GetObjectCommand({ Bucket: 'film', Key: 'whole.mp4' }));
  const path = join(cluster.dir, 'whole.mp4');
  writeFileSync(path, (await Body?.transformToByteArray()) ?? '');
  const times = probed(path, 'v', 'packet=pts_time').toSorted((a, b) => a - b);
  expect(times).toHaveLength(FRAMES);
  expect(times.every((time, index) => Math.abs(time - index / 10) < 0.001)).toBe(true);
  const [picture = 0] = probed(path, 'v', 'stream=duration');
  const [sound = 0] = probed(path, 'a', 'stream=duration');
  expect(Math.abs(picture - sound)).toBeLessThan(0.1);
}
