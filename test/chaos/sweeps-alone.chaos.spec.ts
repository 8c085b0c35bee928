import { setTimeout as sleep } from 'node:timers/promises';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { sql } from '@app/common';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { Cluster } from '../support/cluster.js';
import { eventually } from '../support/standalone.js';

const BUCKET = 'silent';
const UPLOADS = 150;
const KILLS = 4;

let cluster: Cluster;
beforeAll(async () => {
  // Nothing tells the routers of an upload.
  cluster = await Cluster.start({ env: { SPOOL_S3_NOTIFICATIONS: 'webhook' } });
  await cluster.api('POST', '/v1/buckets', { name: BUCKET });
  for (const name of ['at-once', 'settled']) {
    const States = { End: { Type: 'Succeed' } };
    await cluster.api('POST', '/v1/workflows', { name, definition: { StartAt: 'End', States } });
    const source = { bucket: BUCKET, ...(name === 'settled' && { settle: { quietSeconds: 1 } }) };
    const input = { 'key.$': '$.subject' };
    await cluster.api('POST', '/v1/triggers', { name, kind: 'object', source, target: { workflow: name }, input });
  }
});
afterAll(() => cluster?.remove());

/** How often the workflow was started for each key. */
async function starts(workflow: string): Promise<Record<string, number>> {
  const rows = await cluster.postgres.database.query<{ key: string; count: number }>(sql`
    select coalesce(input, stored_value(id, input_place))->>'key' as key, count(*)::int as count
    from execution where workflow = ${workflow} group by 1`);
  return Object.fromEntries(rows.map(({ key, count }) => [key, count]));
}

it('each upload starts once by sweeps alone, at once and when it has settled, however often a router is killed', async () => {
  const routers = [await cluster.router(), await cluster.router()];
  const keys = Array.from({ length: UPLOADS }, (_, n) => `${n % 9}/film ${n}.mp4`);
  const uploading = (async () => {
    for (const Key of keys) await cluster.s3().send(new PutObjectCommand({ Bucket: BUCKET, Key, Body: Key }));
  })();
  for (let kill = 0; kill < KILLS; kill++) {
    await cluster.api('POST', `/v1/buckets/${BUCKET}/sweep`);
    await sleep(100 + Math.random() * 600);
    await routers[kill % 2]!.end('SIGKILL');
    routers[kill % 2] = await cluster.router();
  }
  await uploading;
  const once = Object.fromEntries(keys.map((key) => [key, 1]));
  await eventually(async () => {
    await cluster.api('POST', `/v1/buckets/${BUCKET}/sweep`);
    await sleep(200);
    const found = await Promise.all(['at-once', 'settled'].map(starts));
    return found.every((each) => keys.every((key) => each[key] !== undefined));
  });
  expect(await starts('at-once')).toEqual(once);
  expect(await starts('settled')).toEqual(once);
  const ledger = await cluster.api<object>('GET', `/v1/buckets/${BUCKET}/ledger`);
  expect(ledger).toMatchObject({ seen: UPLOADS, acted: UPLOADS, healed: UPLOADS, pending: 0, settling: 0 });
}, 180_000);
