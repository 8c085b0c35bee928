import { createReadStream } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Upload } from '@aws-sdk/lib-storage';
import { contentTypeOf } from './media-file.mjs';

const root = resolve(import.meta.dirname, '../..');
export const demoClip = join(root, 'functions/media/examples/pedestrians.mp4');
const startMs = 30_000;

/** Which folder of media-in starts which of the built-in workflows. */
const pipelines = {
  film: { workflow: 'adaptive-streaming', prefix: 'uploads/films/' },
  song: { workflow: 'podcast-master', prefix: 'uploads/songs/' },
};
export const pipelineFor = (source) => (source.video ? pipelines.film : pipelines.song);

const triggerOf = ({ workflow, prefix }) => ({
  kind: 'object',
  source: { bucket: 'media-in', events: ['created'], prefix },
  target: { workflow },
  input: { source: { 'bucket.$': '$.data.bucket', 'key.$': '$.data.key' }, bucket: 'media-out' },
});

/** Buckets and triggers; all may be there from an earlier demo. */
export async function setUp(api) {
  for (const name of ['media-in', 'media-out']) await api.post('/v1/buckets', { name });
  const known = new Set((await api.get('/v1/triggers')).items.map(({ name }) => name));
  for (const pipeline of Object.values(pipelines)) {
    const name = pipeline.workflow;
    const trigger = triggerOf(pipeline);
    await (known.has(name) ? api.put(`/v1/triggers/${name}`, trigger) : api.post('/v1/triggers', { name, ...trigger }));
  }
}

/** A key of its own for each upload, that any S3 client and shell can write. */
function keyFor(path, prefix) {
  const name = basename(path)
    .replace(/[^A-Za-z0-9._-]+/g, '-')
    .slice(-100);
  const time = new Date().toISOString().replace(/[-:]/g, '').replace(/\..*/, '');
  return `${prefix}${time}-${process.pid}-${name}`;
}

export async function upload(s3, path, { prefix }) {
  const params = {
    Bucket: 'media-in',
    Key: keyFor(path, prefix),
    Body: createReadStream(path),
    ContentType: contentTypeOf(path),
  };
  await new Upload({ client: s3, params }).done();
  return params.Key;
}

/** The execution that the upload started. */
export async function executionOf(api, key, { workflow }) {
  const deadline = Date.now() + startMs;
  while (Date.now() < deadline) {
    const { items } = await api.get(`/v1/executions?workflow=${workflow}&limit=50`);
    const found = items.find(({ input }) => input?.source?.key === key);
    if (found) return found;
    await delay(50);
  }
  throw new Error(`The upload of ${key} started no execution within ${startMs / 1_000} s`);
}
