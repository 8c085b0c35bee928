import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Sent } from '../testing/raw-http.js';
import { startTestStore, type TestStore } from '../testing/test-store.js';

const bucket = 'hostile';
/** The same each time: what a new one finds is no fault of who changed something today. */
const SEED = Number(process.env['SPOOL_TEST_SEED'] ?? 20_779);
const MANY = 600;

const METHODS = ['GET', 'HEAD', 'PUT', 'POST', 'DELETE', 'PATCH'];
const PATHS = [
  '/',
  `/${bucket}`,
  `/${bucket}/new`,
  `/${bucket}/old`,
  `/${bucket}/a%00b`,
  '/..',
  '/none/x',
  '/%2e%2e/x',
];
const TEXTS = [
  '',
  '0',
  '-1',
  '1e9',
  'NaN',
  '99999999999999999999',
  '%00',
  '%0d%0aX-Injected:%201',
  '%E2%80%AE',
  '..%2f..%2fx',
  '%F0%9F%8E%AC',
  '__proto__',
  'a'.repeat(3_000),
];
const QUERIES =
  'list-type max-keys prefix delimiter marker start-after continuation-token encoding-type uploadId uploads partNumber delete notification events versioning versionId tagging attributes location acl policy key-marker upload-id-marker part-number-marker max-parts max-uploads response-content-type response-content-disposition x-amz-meta-a x-amz-meta-%20 content-type x-amz-tagging'.split(
    ' ',
  );
const HEADERS: readonly (readonly [string, string])[] = [
  ['range', 'bytes=5-1'],
  ['range', 'bytes=-0'],
  ['range', 'bytes=99999999999999999999-'],
  ['range', `bytes=${'0-1,'.repeat(500)}0-1`],
  ['if-match', '*'],
  ['if-none-match', '*'],
  ['if-modified-since', 'never'],
  ['if-range', '"'],
  ['x-amz-copy-source', `/${bucket}/old`],
  ['x-amz-copy-source', '/%00/%ff'],
  ['x-amz-copy-source', '..'],
  ['x-amz-copy-source-range', 'bytes=0-9999999'],
  ['x-amz-metadata-directive', 'BREAK'],
  ['x-amz-tagging', 'a=1&a=2'],
  ['x-amz-meta-a', '\x80\xff'],
  ['x-amz-meta-__proto__', 'x'],
  ['x-amz-decoded-content-length', '-1'],
  ['x-amz-mp-object-size', 'x'],
  ['content-encoding', 'aws-chunked'],
  ['x-amz-content-sha256', 'STREAMING-UNSIGNED-PAYLOAD-TRAILER'],
  ['x-amz-content-sha256', 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD'],
  ['x-amz-checksum-crc32', 'x'],
  ['x-amz-sdk-checksum-algorithm', 'NONE'],
  ['content-type', 'multipart/form-data; boundary=x'],
  ['content-md5', '='],
];
const deep = (levels: number) => `${'<a>'.repeat(levels)}${'</a>'.repeat(levels)}`;
const BODIES = [
  '',
  'x',
  '<Delete/>',
  `<Delete><Object><Key>${'&#0;'}</Key></Object></Delete>`,
  '<Delete><Object><Key>&#x110000;</Key></Object></Delete>',
  '<Delete><Object><Key>&#xd800;</Key></Object></Delete>',
  '<!DOCTYPE a [<!ENTITY b "&b;&b;">]><Delete>&b;</Delete>',
  `<Delete>${deep(20_000)}</Delete>`,
  '<CompleteMultipartUpload><Part><PartNumber>-1</PartNumber><ETag>x</ETag></Part></CompleteMultipartUpload>',
  '<CompleteMultipartUpload><Part><PartNumber>1e9</PartNumber><ETag/></Part></CompleteMultipartUpload>',
  '<Tagging><TagSet><Tag><Key>__proto__</Key><Value>x</Value></Tag></TagSet></Tagging>',
  '<NotificationConfiguration><constructor/></NotificationConfiguration>',
  'ffffffffffff\r\nx\r\n0\r\n\r\n',
  '0\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n',
  '--x\r\ncontent-disposition: form-data; name="__proto__"\r\n\r\n1\r\n--x\r\ncontent-disposition: form-data; name="file"\r\n\r\n2\r\n--x--',
];

let test: TestStore;
let store: TestStore['store'];
let http: TestStore['http'];
beforeAll(async () => {
  test = await startTestStore(bucket);
  ({ store, http } = test);
});
afterAll(() => test?.close());

function* numbers(seed: number): Generator<number, never> {
  for (let n = seed >>> 0; ; n = (Math.imul(n, 1_664_525) + 1_013_904_223) >>> 0) yield n / 2 ** 32;
}

function* attacks(): Generator<Sent> {
  const random = numbers(SEED);
  const pick = <Item>(from: readonly Item[]): Item => from[Math.floor(random.next().value * from.length)] as Item;
  const some = (most: number): unknown[] => Array(Math.floor(random.next().value * (most + 1))).fill(0);
  for (let n = 0; n < MANY; n++) {
    const query = some(3).map(() => `${pick(QUERIES)}=${pick(TEXTS)}`);
    const headers = Object.fromEntries(some(2).map(() => pick(HEADERS)));
    yield { method: pick(METHODS), path: `${pick(PATHS)}?${query.join('&')}`, headers, body: pick(BODIES) };
  }
}

describe('a signed request, whatever is in it', () => {
  it(`is answered, with an error of S3 if it cannot be done (seed ${SEED})`, async () => {
    const complaints: string[] = [];
    for (const attack of attacks()) {
      // A listener to events is answered for as long as it listens.
      if (/[?&]events=/.test(attack.path) && attack.method === 'GET') continue;
      const { status, text: answer } = await http.send(attack);
      const isRefusal = status === 501 || (status < 500 && status >= 400);
      const isTold = attack.method === 'HEAD' || !isRefusal || answer.includes('<Code>');
      const isOdd = !(status < 500 || status === 501) || /\r\nX-Injected/i.test(answer) || !isTold;
      if (isOdd) complaints.push(`${JSON.stringify(attack).slice(0, 1_000)} => ${answer.slice(0, 300)}`);
    }
    expect(complaints).toEqual([]);
    await store.ensureBucket(bucket);
    await store.put({ bucket, key: 'after' }, 'fine');
    expect(await text((await store.get({ bucket, key: 'after' })).body)).toBe('fine');
    for (const { key } of (await store.list(bucket)).objects) await store.head({ bucket, key });
  }, 300_000);
});

const put = (query: string) => http.send({ method: 'PUT', path: `/${bucket}/said?${query}`, body: 'x' });

describe('what is said of an object', () => {
  it.each([
    ['a line break', 'content-type=text%2Fplain%0d%0aX-Injected:%201'],
    ['a control character', 'x-amz-meta-a=%01'],
    ['a name that no header has', 'x-amz-meta-a%20b=1'],
  ])('with %s is refused: nobody could read the object any more', async (_what, query) => {
    await store.ensureBucket(bucket);
    expect(await put(query)).toMatchObject({ status: 400, code: 'InvalidArgument' });
  });

  it('in other letters comes back as it would have come in a header', async () => {
    expect((await put('x-amz-meta-title=%F0%9F%8E%AC&cache-control=x')).status).toBe(200);
    const { text: answer } = await http.send({
      path: `/${bucket}/said?response-content-disposition=attachment%3B%20filename%3D%F0%9F%8E%AC`,
    });
    const bytes = Buffer.from('🎬').toString('utf8');
    expect(answer).toContain(`x-amz-meta-title: ${bytes}\r\n`);
    expect(answer).toContain(`content-disposition: attachment; filename=${bytes}\r\n`);
  });

  it('by a key with NUL is refused: nobody could be told of it', async () => {
    for (const [method, query] of [
      ['PUT', ''],
      ['POST', '?uploads='],
    ] as const) {
      const answer = await http.send({ method, path: `/${bucket}/a%00b${query}`, body: method === 'PUT' ? 'x' : '' });
      expect([method, answer.status, answer.code]).toEqual([method, 400, 'InvalidArgument']);
    }
    const copy = { 'x-amz-copy-source': `/${bucket}/said` };
    expect(await http.send({ method: 'PUT', path: `/${bucket}/a%00b`, headers: copy })).toMatchObject({ status: 400 });
  });
});
