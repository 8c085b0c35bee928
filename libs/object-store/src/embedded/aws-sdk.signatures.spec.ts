import { GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { createPresignedPost } from '@aws-sdk/s3-presigned-post';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { describe, expect, it } from '@jest/globals';
import { createS3Client } from '../s3/s3-client.js';
import { Bucket, get, put, s3, server, useSdkBucket } from '../testing/sdk-bucket.js';

useSdkBucket();

describe('a presigned request', () => {
  it('gets, and may say how the answer is to be treated', async () => {
    await put('signed', 'hello');
    const command = new GetObjectCommand({ Bucket, Key: 'signed', ResponseContentDisposition: 'attachment' });
    const answer = await fetch(await getSignedUrl(s3, command, { expiresIn: 60 }));
    expect([await answer.text(), answer.headers.get('content-disposition')]).toEqual(['hello', 'attachment']);
  });

  it('puts, with metadata in its query', async () => {
    const command = new PutObjectCommand({ Bucket, Key: 'signed-put', Metadata: { a: 'b' } });
    const answer = await fetch(await getSignedUrl(s3, command, { expiresIn: 60 }), { method: 'PUT', body: 'hello' });
    expect(answer.status).toBe(200);
    expect(await get('signed-put')).toMatchObject({ Metadata: { a: 'b' } });
  });

  it.each([
    ['another key', (url: string) => url.replace('/signed?', '/sum?')],
    ['another expiry', (url: string) => url.replace('X-Amz-Expires=60', 'X-Amz-Expires=61')],
    ['an added parameter', (url: string) => `${url}&response-content-type=text/html`],
    ['another signature', (url: string) => url.replace(/Signature=./, 'Signature=g')],
    ['another key id', (url: string) => url.replace('AKIATEST', 'AKIAOTHER')],
  ])('is refused with %s', async (_name, tamper) => {
    const url = await getSignedUrl(s3, new GetObjectCommand({ Bucket, Key: 'signed' }), { expiresIn: 60 });
    expect((await fetch(tamper(url))).status).toBe(403);
    expect((await fetch(url, { headers: { 'x-amz-meta-a': 'b' } })).status).toBe(403);
    expect((await fetch(url, { method: 'DELETE' })).status).toBe(403);
  });

  it.each([
    ['has expired', -120_000, 60],
    ['is of the future', 20 * 60_000, 60],
  ])('is refused when it %s', async (_name, offset, expiresIn) => {
    const signingDate = new Date(Date.now() + offset);
    const url = await getSignedUrl(s3, new GetObjectCommand({ Bucket, Key: 'signed' }), { expiresIn, signingDate });
    const answer = await fetch(url);
    expect([answer.status, await answer.text()]).toEqual([403, expect.stringContaining('AccessDenied')]);
  });

  it('posts a form within its policy', async () => {
    const { url, fields } = await createPresignedPost(s3, {
      Bucket,
      Key: 'form/${filename}',
      Conditions: [
        ['content-length-range', 1, 10],
        ['starts-with', '$Content-Type', 'text/'],
      ],
      Fields: { 'Content-Type': 'text/plain', success_action_status: '201', 'x-amz-meta-a': 'b' },
    });
    const post = (text: string, more: Record<string, string> = {}) => {
      const form = new FormData();
      for (const [name, value] of Object.entries({ ...fields, ...more })) form.append(name, value);
      form.append('file', new Blob([text]), 'name.txt');
      return fetch(url, { method: 'POST', body: form });
    };
    const answer = await post('hello');
    expect([answer.status, await answer.text()]).toEqual([201, expect.stringContaining('<Key>form/name.txt</Key>')]);
    expect(await get('form/name.txt')).toMatchObject({ ContentType: 'text/plain', Metadata: { a: 'b' } });
    expect((await post('hello world!')).status).toBe(400);
    expect((await post('')).status).toBe(400);
    expect((await post('x', { 'Content-Type': 'image/png' })).status).toBe(403);
    expect((await post('x', { 'x-amz-meta-c': 'd' })).status).toBe(403);
    expect((await post('x', { 'X-Amz-Signature': '0'.repeat(64) })).status).toBe(403);
    expect((await get('form/name.txt')).bytes.toString()).toBe('hello');
  });
});

describe('a header signature', () => {
  it.each([
    ['another secret', { credentials: { accessKeyId: 'AKIATEST', secretAccessKey: 'wrong' } }, 'SignatureDoesNotMatch'],
    ['another key id', { credentials: { accessKeyId: 'WRONG', secretAccessKey: 'wrong' } }, 'InvalidAccessKeyId'],
    ['another region', { region: 'eu-west-1' }, 'AuthorizationHeaderMalformed'],
    ['a clock 20 minutes behind', { systemClockOffset: -20 * 60_000 }, 'RequestTimeTooSkewed'],
  ])('with %s is refused', async (_name, config, name) => {
    const other = createS3Client(server.options, { maxAttempts: 1, ...config });
    await expect(other.send(new GetObjectCommand({ Bucket, Key: 'signed' }))).rejects.toMatchObject({ name });
    other.destroy();
  });
});
