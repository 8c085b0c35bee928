import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { GetObjectCommand, HeadObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { listAll } from '../support/list-all.js';
import { eventually, Standalone } from '../support/standalone.js';

interface Execution {
  id: string;
  status: string;
  event: { id: string };
  input: { source: { key: string } };
}

let spool: Standalone;
beforeAll(async () => {
  spool = await Standalone.start({ SPOOL_EXECUTOR_SLOTS: '4', SPOOL_EXECUTOR_VCPU: '8' });
  for (const name of ['chaos-in', 'chaos-out']) await spool.api('POST', '/v1/buckets', { name });
  await spool.api('POST', '/v1/functions', {
    name: 'copy-slowly',
    runtime: 'command',
    command: ['sh', '-c', 'sleep 0.4; cp "$SPOOL_INPUT_SOURCE" "$SPOOL_OUTPUT_COPY"'],
    inputs: { source: '$.source' },
    outputs: { copy: '$.copy' },
    vcpu: 0.5,
    memoryMb: 64,
  });
  const copy = { Type: 'Task', Resource: 'function:copy-slowly', End: true };
  await spool.api('POST', '/v1/workflows', { name: 'copy', definition: { StartAt: 'Copy', States: { Copy: copy } } });
  const object = { 'bucket.$': '$.data.bucket', 'key.$': '$.data.key' };
  await spool.api('POST', '/v1/triggers', {
    name: 'uploads',
    kind: 'object',
    source: { bucket: 'chaos-in' },
    target: { workflow: 'copy' },
    input: { source: object, copy: { bucket: 'chaos-out', 'key.$': '$.data.key' } },
  });
});
afterAll(() => spool.remove());

/** Uploads under a new key each time; whether an upload that was cut off is there, is looked up at the end. */
async function uploadUntil(stopped: () => boolean): Promise<string[]> {
  const keys: string[] = [];
  for (let n = 0; !stopped(); n++) {
    const key = `file-${n}`;
    keys.push(key);
    await spool
      .s3()
      .send(new PutObjectCommand({ Bucket: 'chaos-in', Key: key, Body: `content of ${key}` }))
      .catch(() => sleep(50));
    await sleep(30);
  }
  return keys;
}

async function isThere(key: string): Promise<boolean> {
  return spool
    .s3()
    .send(new HeadObjectCommand({ Bucket: 'chaos-in', Key: key }))
    .then(
      () => true,
      () => false,
    );
}

it('processes every uploaded file exactly once, however often it is killed', async () => {
  let isOver = false;
  const uploading = uploadUntil(() => isOver);
  for (let n = 0; n < 4; n++) {
    await sleep(300 + Math.random() * 900);
    await spool.kill();
    await spool.start();
  }
  isOver = true;
  const keys = await uploading;
  const uploaded: string[] = [];
  for (const key of keys) if (await isThere(key)) uploaded.push(key);
  expect(uploaded.length).toBeGreaterThan(5);

  const ended = await eventually(async () => {
    const all = await listAll<Execution>(spool, '/v1/executions');
    return all.length >= uploaded.length && all.every(({ status }) => status !== 'RUNNING') && all;
  }, 60_000);
  expect(ended.map(({ status }) => status)).toEqual(ended.map(() => 'SUCCEEDED'));
  const details = await Promise.all(ended.map(({ id }) => spool.api<Execution>('GET', `/v1/executions/${id}`)));
  expect(details.map(({ input }) => input.source.key).toSorted()).toEqual(uploaded.toSorted());
  for (const key of uploaded) {
    const { Body } = await spool.s3().send(new GetObjectCommand({ Bucket: 'chaos-out', Key: key }));
    expect(await Body?.transformToString()).toBe(`content of ${key}`);
  }
  expect(processesOf(spool.dataDir)).toEqual([]);
});

/** Command lines of processes that work in this Spool's folder, Spool itself and its Postgres left out. */
function processesOf(dataDir: string): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== spool.pid)
    .map((pid) => [readOr(`/proc/${pid}/environ`), readOr(`/proc/${pid}/cmdline`)] as const)
    .filter(([environ]) => environ.includes(`SPOOL_WORK_DIR=${dataDir}`))
    .map(([, cmdline]) => cmdline);
}

function readOr(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
