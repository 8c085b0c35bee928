import { createHash, randomBytes } from 'node:crypto';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { credentials } from '../../testing/embedded.js';
import { answerOf } from '../../testing/raw-http.js';
import { startTestStore, type TestStore } from '../../testing/test-store.js';
import { scopeText, sha256Hex, signatureOf, signingKey } from '../auth/signing.js';

const bucket = 'chunked';

let test: TestStore;
let store: TestStore['store'];
let http: TestStore['http'];
beforeAll(async () => {
  test = await startTestStore(bucket);
  ({ store, http } = test);
});
afterAll(() => test?.close());
beforeEach(() => store.put({ bucket, key: 'old' }, 'old'));

const isOld = async () => expect(await text((await store.get({ bucket, key: 'old' })).body)).toBe('old');
const withLast = (all: string[], last: string) => [...all.slice(0, -1), last];

/** The frames of a body, signed one after another; with a trailer if one is given. */
function frames(request: string, chunks: readonly Buffer[], trailer?: string): string[] {
  const date = /x-amz-date: (.*)\r/.exec(request)![1]!;
  const scope = { date: date.slice(0, 8), region: 'us-east-1' };
  let previous = /Signature=([0-9a-f]+)/.exec(request)![1]!;
  const sign = (algorithm: string, ...rest: string[]): string => {
    const lines = [algorithm, date, scopeText(scope), previous, ...rest];
    previous = signatureOf(signingKey(credentials.secretAccessKey, scope), lines.join('\n'));
    return previous;
  };
  const framed = [...chunks, Buffer.alloc(0)].map((chunk) => {
    const signature = sign('AWS4-HMAC-SHA256-PAYLOAD', sha256Hex(''), sha256Hex(chunk));
    const end = chunk.length > 0 ? '\r\n' : '';
    return `${chunk.length.toString(16)};chunk-signature=${signature}\r\n${chunk.toString('latin1')}${end}`;
  });
  if (trailer === undefined) return [...framed, '\r\n'];
  return [
    ...framed,
    `${trailer}\r\nx-amz-trailer-signature:${sign('AWS4-HMAC-SHA256-TRAILER', sha256Hex(`${trailer}\n`))}\r\n\r\n`,
  ];
}

describe('a body in signed chunks', () => {
  const data = [randomBytes(65_536), Buffer.from('the end')];
  const whole = Buffer.concat(data);
  const kind = 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD';

  async function put(change: (frames: string[]) => string[], trailer?: string, more: Record<string, string> = {}) {
    const headers = {
      'x-amz-content-sha256': trailer === undefined ? kind : `${kind}-TRAILER`,
      'x-amz-decoded-content-length': String(whole.length),
      'content-encoding': 'aws-chunked',
      ...(trailer === undefined ? {} : { 'x-amz-trailer': trailer.split(':')[0]! }),
      ...more,
    };
    const request = http
      .head({ method: 'PUT', path: `/${bucket}/old`, headers })
      .replace(/content-length: 0\r\n/, 'transfer-encoding: chunked\r\n');
    const body = Buffer.from(change(frames(request, data, trailer)).join(''), 'latin1');
    return answerOf(http.write(request, `${body.length.toString(16)}\r\n`, body, '\r\n0\r\n\r\n'));
  }
  const sha256 = `x-amz-checksum-sha256:${createHash('sha256').update(whole).digest('base64')}`;

  it('comes back whole, with its trailer or without', async () => {
    expect((await put((all) => all)).status).toBe(200);
    expect((await store.head({ bucket, key: 'old' })).size).toBe(whole.length);
    expect((await put((all) => all, sha256)).status).toBe(200);
  });

  it.each([
    [
      'with a byte changed',
      (all: string[]) => [all[0]!, all[1]!.replace('the end', 'the End'), ...all.slice(2)],
      'SignatureDoesNotMatch',
    ],
    ['with chunks in another order', ([a, b, ...rest]: string[]) => [b!, a!, ...rest], 'SignatureDoesNotMatch'],
    ['with a chunk missing', ([a, , ...rest]: string[]) => [a!, ...rest], 'SignatureDoesNotMatch'],
    [
      'with a signature missing',
      ([a, ...rest]: string[]) => [a!.replace(/;chunk-signature=\w+/, ''), ...rest],
      'SignatureDoesNotMatch',
    ],
    ['cut short', ([a]: string[]) => [a!], 'IncompleteBody'],
    [
      'with a header that is none',
      ([a, ...rest]: string[]) => [a!.replace('10000;', 'zz;'), ...rest],
      'InvalidRequest',
    ],
  ])('%s is refused', async (_name, change, code) => {
    expect((await put(change)).code).toBe(code);
    await isOld();
  });

  it('is refused in the midst of it, and the client that sends on is still told why', async () => {
    const answer = await put(([a, ...rest]) => [a!.replace('10000;', 'zz;'), ...rest, 'x'.repeat(4 << 20)]);
    expect(answer.code).toBe('InvalidRequest');
  });

  it('with another length than it says is refused', async () => {
    expect((await put((all) => all, undefined, { 'x-amz-decoded-content-length': '7' })).code).toBe('IncompleteBody');
    await isOld();
  });

  it.each([
    [
      'wrong',
      'x-amz-checksum-sha256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=',
      (all: string[]) => all,
      'BadDigest',
    ],
    [
      'not the one signed',
      sha256,
      (all: string[]) => withLast(all, all.at(-1)!.replace('sha256:', 'sha256:A')),
      'SignatureDoesNotMatch',
    ],
    ['missing', sha256, (all: string[]) => withLast(all, '\r\n'), 'InvalidRequest'],
    ['not signed', sha256, (all: string[]) => withLast(all, `${sha256}\r\n\r\n`), 'SignatureDoesNotMatch'],
  ])('is refused when its trailer is %s', async (_name, trailer, change, code) => {
    expect((await put(change, trailer)).code).toBe(code);
    await isOld();
  });
});
