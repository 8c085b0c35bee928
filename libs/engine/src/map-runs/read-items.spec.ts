import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { EmbeddedS3, type ObjectStore, S3Clients, S3ObjectStore } from '@app/object-store';
import type { ReaderConfig } from '@app/workflow';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readItems } from './read-items.js';

describe('readItems', () => {
  let dir: string;
  let server: EmbeddedS3;
  let clients: S3Clients;
  let objects: ObjectStore;

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'spool-items-'));
    const credentials = { accessKeyId: 'test', secretAccessKey: 'test-secret' };
    server = await EmbeddedS3.start({ dir, port: 0, credentials });
    clients = new S3Clients({ endpoint: server.endpoint, region: 'us-east-1', forcePathStyle: true, ...credentials });
    objects = new S3ObjectStore(clients);
    await objects.ensureBucket('data');
  });
  afterAll(async () => {
    clients.close();
    await server.close();
    await rm(dir, { recursive: true, force: true });
  });

  const put = (key: string, body: string | Buffer) => objects.put({ bucket: 'data', key }, body);
  const read = async (Key: string, config: ReaderConfig) => {
    const parameters = { Bucket: 'data', Key };
    const all = [];
    for await (const { value } of readItems(objects, { resource: 'arn:aws:states:::s3:getObject', parameters, config }))
      all.push(value);
    return all;
  };
  const list = async (config: ReaderConfig, Prefix: string) => {
    const parameters = { Bucket: 'data', Prefix };
    const all = [];
    for await (const item of readItems(objects, {
      resource: 'arn:aws:states:::s3:listObjectsV2',
      parameters,
      config,
    }))
      all.push(item);
    return all;
  };

  it('reads arrays and lines of JSON, rows of CSV, and no more than it is asked for', async () => {
    await put('a.json', '{"rows": [1, 2, 3]}');
    await put('a.jsonl', '{"n":1}\n{"n":"\u00fc"}\n');
    await put('a.csv', 'id,name\n1,"a,b"\n2,c\n');
    expect(await read('a.json', { inputType: 'JSON', itemsPointer: '/rows' })).toEqual([1, 2, 3]);
    expect(await read('a.json', { inputType: 'JSON', itemsPointer: '/rows', maxItems: 2 })).toEqual([1, 2]);
    expect(await read('a.jsonl', { inputType: 'JSONL' })).toEqual([{ n: 1 }, { n: '\u00fc' }]);
    const csv = { inputType: 'CSV', csvHeaderLocation: 'FIRST_ROW' } as const;
    expect(await read('a.csv', csv)).toEqual([
      { id: '1', name: 'a,b' },
      { id: '2', name: 'c' },
    ]);
  });

  it('lists a prefix as S3 does, or opens what lies there', async () => {
    await put('in/1.jsonl', '1\n2\n');
    await put('in/2.jsonl', '3\n');
    expect(await list({}, 'in/')).toMatchObject([
      { value: { Key: 'in/1.jsonl', Size: 4, StorageClass: 'STANDARD', LastModified: expect.any(Number) } },
      { value: { Key: 'in/2.jsonl', Size: 2 }, source: 'S3://data' },
    ]);
    const flat = await list({ inputType: 'JSONL', transformation: 'LOAD_AND_FLATTEN' }, 'in/');
    expect(flat.map(({ value }) => value)).toEqual([1, 2, 3]);
  });

  it("reads the gzipped files of an inventory with the manifest's headers", async () => {
    await put('inv/1.csv.gz', gzipSync('"data","a.json"\n"data","b.json"\n'));
    const files = [{ key: 'inv/1.csv.gz' }];
    await put('inv/manifest.json', JSON.stringify({ fileFormat: 'CSV', fileSchema: 'Bucket, Key', files }));
    expect(await read('inv/manifest.json', { inputType: 'MANIFEST' })).toEqual([
      { Bucket: 'data', Key: 'a.json' },
      { Bucket: 'data', Key: 'b.json' },
    ]);
  });

  it('fails as States.ItemReaderFailed on what is not there or is broken, also gzip that breaks off', async () => {
    await put('broken.jsonl', '1\n{');
    await put('inv/2.csv.gz', gzipSync('"data","a.json"\n').subarray(0, 20));
    const files = [{ key: 'inv/2.csv.gz' }];
    await put('inv/cut.json', JSON.stringify({ fileFormat: 'CSV', fileSchema: 'Bucket, Key', files }));
    for (const reading of [
      read('none.json', { inputType: 'JSON' }),
      read('broken.jsonl', { inputType: 'JSONL' }),
      read('inv/cut.json', { inputType: 'MANIFEST' }),
    ]) {
      await expect(reading).rejects.toMatchObject({ error: 'States.ItemReaderFailed' });
    }
  });
});
