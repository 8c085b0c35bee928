import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { eventually, Standalone } from '../support/standalone.js';
import { uploadOddly } from './support/odd-uploads.js';
import { compare } from './support/starts.js';
import { aws } from './support/uploaders.js';

interface Page {
  readonly items: readonly { readonly input: { readonly what: string } }[];
  readonly nextCursor?: string;
}

let spool: Standalone;
beforeAll(async () => {
  spool = await Standalone.start();
});
afterAll(() => spool?.remove());

async function starts(): Promise<Map<string, number>> {
  const counts = new Map<string, number>();
  const { items } = await spool.api<Page>('GET', '/v1/executions?workflow=flow&limit=100');
  for (const { input } of items) counts.set(input.what, (counts.get(input.what) ?? 0) + 1);
  return counts;
}

it('uploads to the embedded store by aws and the MinIO client start once each, though Spool is killed meanwhile', async () => {
  await aws(spool.access.s3, 's3', 'mb', 's3://films');
  const States = { End: { Type: 'Succeed' } };
  await spool.api('POST', '/v1/workflows', { name: 'flow', definition: { StartAt: 'End', States } });
  await spool.api('POST', '/v1/triggers', {
    name: 'films',
    kind: 'object',
    source: { bucket: 'films', exclude: ['late/**'] },
    target: { workflow: 'flow' },
    input: { 'what.$': '$.data.key' },
  });
  const keys = await uploadOddly(spool.access.s3, 'films');
  await spool.kill();
  await spool.start();
  await aws(spool.access.s3, 's3', 'cp', '--only-show-errors', 'package.json', 's3://films/after the kill.json');
  await aws(spool.access.s3, 's3', 'cp', '--only-show-errors', 'package.json', 's3://films/late/excluded.json');
  const expected = [...keys, 'after the kill.json'];
  await eventually(async () => compare(expected, await starts()).missed.length === 0);
  await spool.api('POST', '/v1/buckets/films/sweep');
  expect(compare(expected, await starts())).toEqual({ missed: [], twice: [] });
  expect([...(await starts()).keys()]).not.toContain('late/excluded.json');
}, 240_000);
