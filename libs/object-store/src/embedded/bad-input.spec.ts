import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { startTestStore, type TestStore } from '../testing/test-store.js';
import { until } from '../testing/until.js';
import { sha256Hex } from './auth/signing.js';

const bucket = 'bad-input';

let test: TestStore;
let server: TestStore['server'];
let store: TestStore['store'];
let http: TestStore['http'];
beforeAll(async () => {
  test = await startTestStore(bucket);
  ({ server, store, http } = test);
});
afterAll(() => test?.close());
beforeEach(() => store.put({ bucket, key: 'old' }, 'old'));

const nothingChanged = async () => {
  expect(await text((await store.get({ bucket, key: 'old' })).body)).toBe('old');
  expect((await store.list(bucket)).objects).toHaveLength(1);
  await until(async () => (await readdir(join(server.dir, 'blobs'))).length === 1);
};

describe('a request', () => {
  it.each([
    ['without a signature', `GET /${bucket}/old HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`, 403],
    ['without a host', 'GET / HTTP/1.1\r\nconnection: close\r\n\r\n', 400],
    ['that is no HTTP', 'hello\r\n\r\n', 400],
    ['with headers of 20 KiB', `GET / HTTP/1.1\r\nhost: x\r\nx-a: ${'a'.repeat(20_000)}\r\n\r\n`, 431],
    ['with a path that is no UTF-8', 'GET /%ff HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n', 400],
  ])('%s is refused', async (_name, request, status) => {
    expect(await text(http.write(request))).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
  });

  it('is answered with S3 error XML that says what and where', async () => {
    const { text: answer } = await http.send({ path: `/${bucket}/n%26o` });
    expect(answer).toContain('<Error><Code>NoSuchKey</Code><Message>The specified key does not exist.</Message>');
    expect(answer).toContain(`<Resource>/${bucket}/n%26o</Resource><RequestId>`);
  });

  it.each([
    ['a header that is not signed', { 'x-amz-meta-a': 'b' }],
    ['a date that is not its own', { 'x-amz-date': '20200101T000000Z' }],
    ['a payload hash that is not its own', { 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' }],
  ])('with %s is refused', async (_name, changed) => {
    const request = http.head({ path: `/${bucket}/old` });
    const tampered = Object.entries(changed).reduce(
      (whole, [name, value]) =>
        `${whole.replace(new RegExp(`${name}: .*\r\n`), '').trimEnd()}\r\n${name}: ${value}\r\n\r\n`,
      request,
    );
    expect(await text(http.write(tampered))).toMatch(/^HTTP\/1.1 403 /);
  });

  it('from a browser of any page may be made, and its answer read', async () => {
    const preflight = await fetch(`${server.server.endpoint}/${bucket}/old`, {
      method: 'OPTIONS',
      headers: {
        origin: 'https://example.org',
        'access-control-request-method': 'GET',
        'access-control-request-headers': 'range',
      },
    });
    expect([preflight.status, preflight.headers.get('access-control-allow-headers')]).toEqual([204, 'range']);
    const { text: answer } = await http.send({ path: `/${bucket}/old`, headers: { range: 'bytes=0-0' } });
    expect(answer).toMatch(/access-control-allow-origin: \*\r\n/);
    expect(answer).toMatch(/access-control-expose-headers: .*content-range.*etag/);
  });
});

describe('a name', () => {
  it.each(['../../../etc/passwd', '%2e%2e/%2e%2e/escape', '..%2f..%2fescape', '/absolute', '.', '..'])(
    'like %j stays inside the folder',
    async (key) => {
      const before = await readdir(join(server.dir, '..'));
      const path = `/${bucket}/${key}`;
      expect((await http.send({ method: 'PUT', path, body: 'x' })).status).toBe(200);
      expect((await http.send({ path })).text).toMatch(/\r\n\r\nx$/);
      expect((await http.send({ method: 'DELETE', path })).status).toBe(204);
      expect(
        (await readdir(join(server.dir, '..'))).filter((name) => !before.includes(name) && !name.startsWith('spool-')),
      ).toEqual([]);
      await nothingChanged();
    },
  );

  it.each(['..', 'A', 'ab', 'a..b', '-ab', 'ab-', '127.0.0.1', 'a_b', 'a'.repeat(64)])(
    'like %j makes no bucket',
    async (name) => {
      const { status, code } = await http.send({ method: 'PUT', path: `/${name}` });
      expect([status, code]).toEqual([400, 'InvalidBucketName']);
    },
  );

  it('of a key has at most 1024 bytes', async () => {
    const most = `/${bucket}/${'ü'.repeat(512)}`;
    expect((await http.send({ method: 'PUT', path: encodeURI(most), body: 'x' })).status).toBe(200);
    expect((await http.send({ method: 'DELETE', path: encodeURI(most) })).status).toBe(204);
    expect((await http.send({ method: 'PUT', path: encodeURI(`${most}a`), body: 'x' })).code).toBe('KeyTooLongError');
  });
});

describe('a body', () => {
  it('that is half sent leaves nothing visible and nothing on disk', async () => {
    const request = http.head({ method: 'PUT', path: `/${bucket}/old`, body: 'x'.repeat(100_000) });
    const socket = http.write(request, 'x'.repeat(50_000));
    await until(async () => (await readdir(join(server.dir, 'blobs'))).length === 2);
    socket.destroy();
    await nothingChanged();
  });

  it.each([
    [
      'is not the one that was signed',
      { body: 'abc' },
      { 'x-amz-content-sha256': sha256Hex('abd') },
      'XAmzContentSHA256Mismatch',
    ],
    [
      'has two checksums',
      { body: 'abc' },
      { 'x-amz-checksum-crc32': 'AAAAAA==', 'x-amz-checksum-crc32c': 'AAAAAA==' },
      'InvalidRequest',
    ],
    ['has a checksum that is none', { body: 'abc' }, { 'x-amz-checksum-crc32': 'hello' }, 'InvalidRequest'],
    ['has an MD5 that is none', { body: 'abc' }, { 'content-md5': 'hello' }, 'InvalidDigest'],
    ['says it is longer than 5 GiB', { body: '' }, { 'x-amz-decoded-content-length': '5368709121' }, 'EntityTooLarge'],
    ['is signed in a way unknown', { body: 'abc' }, { 'x-amz-content-sha256': 'STREAMING-OTHER' }, 'InvalidArgument'],
    ['comes with 2 KiB of metadata', { body: 'abc' }, { 'x-amz-meta-a': 'a'.repeat(2048) }, 'MetadataTooLarge'],
  ])('that %s is refused', async (_name, sent, headers, code) => {
    const answer = await http.send({ method: 'PUT', path: `/${bucket}/old`, ...sent, headers });
    expect([answer.status, answer.code]).toEqual([400, code]);
    await nothingChanged();
  });

  it('is not asked for when the request is refused', async () => {
    const request = http.head({
      method: 'PUT',
      path: '/no-such-bucket/k',
      body: 'x'.repeat(100_000),
      headers: { expect: '100-continue' },
    });
    expect(await text(http.write(request))).toMatch(/^HTTP\/1.1 404 /);
    const taken = http.write(
      http.head({ method: 'PUT', path: `/${bucket}/old`, body: 'old', headers: { expect: '100-continue' } }),
    );
    const [first] = await new Promise<string[]>((resolve) => taken.once('data', (data) => resolve([String(data)])));
    expect(first).toMatch(/^HTTP\/1.1 100 /);
    taken.write('old');
    expect(await text(taken)).toMatch(/HTTP\/1.1 200 /);
  });

  it.each([
    ['no XML', 'hello', 'MalformedXML'],
    ['cut short', '<Delete><Object><Key>a</Key>', 'MalformedXML'],
    ['without a key', '<Delete><Object></Object></Delete>', 'MalformedXML'],
    [
      'with entities of its own',
      '<!DOCTYPE d [<!ENTITY e "old">]><Delete><Object><Key>&e;</Key></Object></Delete>',
      'MalformedXML',
    ],
    ['naming 1001 keys', `<Delete>${'<Object><Key>old</Key></Object>'.repeat(1001)}</Delete>`, 'MalformedXML'],
    ['of 9 MiB', ' '.repeat(9 << 20), 'MaxMessageLengthExceeded'],
  ])('of XML that is %s deletes nothing', async (_name, body, code) => {
    const answer = await http.send({ method: 'POST', path: `/${bucket}?delete=`, body });
    expect([answer.status, answer.code]).toEqual([400, code]);
    await nothingChanged();
  });
});
