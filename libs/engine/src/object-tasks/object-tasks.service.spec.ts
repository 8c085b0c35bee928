import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createEngine, type TestEngine } from '../../../../test/support/engine.js';

let engine: TestEngine;
beforeAll(async () => {
  engine = await createEngine();
  await engine.objects.ensureBucket('films');
});
afterAll(() => engine.close());

let count = 0;
async function run(action: string, Parameters: object) {
  const name = `objects-${++count}`;
  const Do = { Type: 'Task', Resource: `arn:aws:states:::aws-sdk:s3:${action}`, Parameters, End: true };
  await engine.workflows.deploy('default', { name, definition: { StartAt: 'Do', States: { Do } } as never });
  const { id } = await engine.executions.start('default', name, { input: { title: 'Metropolis' } });
  await engine.route();
  const { output, error, cause } = await engine.executions.get('default', id);
  // oxlint-disable-next-line typescript/no-explicit-any
  return { output: output as any, error, cause };
}
const at = (Key: string, Bucket = 'films') => ({ Bucket, Key });
const now = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);

describe('a state that uses objects', () => {
  it('writes JSON as a text, and reads it as one', async () => {
    const put = await run('putObject', {
      ...at('a.json'),
      Body: { 'title.$': '$.title' },
      ContentType: 'application/json',
    });
    expect(put.output).toMatchObject({ ETag: expect.stringMatching(/^"[0-9a-f]{32}"$/) });
    const got = await run('getObject', at('a.json'));
    expect(got.output).toMatchObject({
      AcceptRanges: 'bytes',
      Body: '{"title":"Metropolis"}',
      ContentLength: 22,
      ContentType: 'application/json',
      ETag: put.output.ETag,
      LastModified: now,
      Metadata: {},
    });
  });

  it('shows, copies, lists and deletes them', async () => {
    await run('putObject', { ...at('dir/one'), Body: '1', Metadata: { mood: 'dark' } });
    expect((await run('headObject', at('dir/one'))).output).toMatchObject({
      ContentLength: 1,
      Metadata: { mood: 'dark' },
    });
    const copied = await run('copyObject', { ...at('dir/two words'), CopySource: 'films/dir/one' });
    expect(copied.output).toMatchObject({ CopyObjectResult: { ETag: expect.any(String), LastModified: now } });
    expect((await run('listObjectsV2', { Bucket: 'films', Prefix: 'dir/', MaxKeys: 1 })).output).toMatchObject({
      Contents: [{ Key: 'dir/one', Size: 1, StorageClass: 'STANDARD', LastModified: now }],
      IsTruncated: true,
      KeyCount: 1,
      NextContinuationToken: 'dir/one',
    });
    expect((await run('deleteObject', at('dir/one'))).output).toEqual({});
    const left = await run('listObjectsV2', { Bucket: 'films', Prefix: 'dir/' });
    expect(left.output.Contents.map(({ Key }: { Key: string }) => Key)).toEqual(['dir/two words']);
  });

  it('fails with the names that AWS gives', async () => {
    expect(await run('getObject', at('nowhere'))).toMatchObject({ error: 'S3.NoSuchKeyException' });
    expect(await run('listObjectsV2', { Bucket: 'no-such-bucket' })).toMatchObject({
      error: 'S3.NoSuchBucketException',
    });
  });

  it('takes no object that is larger than the data of a state', async () => {
    await engine.objects.put({ bucket: 'films', key: 'large' }, 'x'.repeat(16 * 1024 * 1024 + 1));
    expect(await run('getObject', at('large'))).toMatchObject({ error: 'States.DataLimitExceeded' });
  });

  it('fails on bytes that no data can hold', async () => {
    await engine.objects.put({ bucket: 'films', key: 'binary' }, Buffer.from([0, 1, 2]));
    expect(await run('getObject', at('binary'))).toMatchObject({ error: 'States.Runtime' });
  });

  it('cannot reach the bucket that holds the code of all', async () => {
    for (const parameters of [at('code/x.zip', 'spool-system')]) {
      expect(await run('getObject', parameters)).toMatchObject({ error: 'S3.S3Exception' });
      expect(await run('putObject', { ...parameters, Body: 'evil' })).toMatchObject({ error: 'S3.S3Exception' });
    }
    const copied = await run('copyObject', { ...at('mine'), CopySource: '/spool-system/code/x.zip' });
    expect(copied).toMatchObject({ error: 'S3.S3Exception' });
    expect(await run('listObjectsV2', { Bucket: 'spool-system' })).toMatchObject({ error: 'S3.S3Exception' });
  });

  it('is told of a field that would be ignored', async () => {
    const { error, cause } = await run('putObject', { ...at('a'), Body: '', ServerSideEncryption: 'aws:kms' });
    expect(error).toBe('States.Runtime');
    expect(cause).toContain("'ServerSideEncryption' is not supported");
  });
});
