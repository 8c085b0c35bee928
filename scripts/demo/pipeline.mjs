import { createReadStream, readFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Upload } from '@aws-sdk/lib-storage';
import { contentTypeOf } from './media-file.mjs';

const examples = resolve(import.meta.dirname, '../../functions/media/examples');
const example = (name) => JSON.parse(readFileSync(join(examples, name), 'utf8'));

export const workflow = 'media-demo';
export const demoClip = join(examples, 'pedestrians.mp4');
const startMs = 30_000;

/** Buckets, workflow and trigger; all may be there from an earlier demo. */
export async function setUp(api) {
  for (const name of ['media-in', 'media-out']) await api.post('/v1/buckets', { name });
  const { version } = await api.put(`/v1/workflows/${workflow}`, { definition: example('workflow.json') });
  const { name, ...trigger } = example('trigger.json');
  const isThere = (await api.get('/v1/triggers')).items.some((other) => other.name === name);
  await (isThere ? api.put(`/v1/triggers/${name}`, trigger) : api.post('/v1/triggers', { name, ...trigger }));
  return { version, trigger: name };
}

/** A key of its own for each upload, that any S3 client and shell can write. */
function keyFor(path) {
  const name = basename(path)
    .replace(/[^A-Za-z0-9._-]+/g, '-')
    .slice(-100);
  const time = new Date().toISOString().replace(/[-:]/g, '').replace(/\..*/, '');
  return `uploads/${time}-${process.pid}-${name}`;
}

export async function upload(s3, path) {
  const params = {
    Bucket: 'media-in',
    Key: keyFor(path),
    Body: createReadStream(path),
    ContentType: contentTypeOf(path),
  };
  await new Upload({ client: s3, params }).done();
  return params.Key;
}

/** The execution that the upload started. */
export async function executionOf(api, key) {
  const deadline = Date.now() + startMs;
  while (Date.now() < deadline) {
    const { items } = await api.get(`/v1/executions?workflow=${workflow}&limit=50`);
    const found = items.find(({ input }) => input?.source?.key === key);
    if (found) return found;
    await delay(50);
  }
  throw new Error(`The upload of ${key} started no execution within ${startMs / 1_000} s`);
}
