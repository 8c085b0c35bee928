import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { buffer, text } from 'node:stream/consumers';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { BucketNotFound, ObjectNotFound, RangeNotSatisfiable } from './object-store.errors.js';
import type { ObjectStore } from './object-store.js';

const bucket = 'contract';
const ref = (key: string) => ({ bucket, key });

/** What a foreign store does not do, whatever the adapter. */
export interface StoreLimits {
  /** It takes no keys with `.` or `..` between slashes. */
  readonly refusesDots?: boolean;
  /** Where `a` is an object, its listings leave out `a/b`. */
  readonly hidesNested?: boolean;
}

const KEYS = ['a b+c&d=e?f#g', 'ü/ñ/🎬.mp4', '%2e%2e/%', 'quote\'s "<tag>'];
const DOTTED_KEYS = ['../../up', 'a//b/./c'];

/** What every adapter promises. Each adapter's spec calls this once. */
export function describeObjectStore(
  name: string,
  create: () => Promise<ObjectStore>,
  { refusesDots = false, hidesNested = false }: StoreLimits = {},
): void {
  describe(`${name} as ObjectStore`, () => {
    let store: ObjectStore;
    beforeAll(async () => {
      store = await create();
      await store.ensureBucket(bucket);
    });

    it('makes a bucket once, and lists it', async () => {
      await store.ensureBucket(bucket);
      expect(await store.listBuckets()).toContain(bucket);
    });

    it.each([
      ['text', 'hello ü'],
      ['bytes', Buffer.from([0, 255, 10, 13])],
      ['nothing', ''],
    ])('gives back %s as it was put', async (key, content) => {
      const put = await store.put(ref(key), content);
      const { body, facts } = await store.get(ref(key));
      expect(await buffer(body)).toEqual(Buffer.from(content));
      expect(facts).toMatchObject({ size: Buffer.byteLength(content), etag: put.etag });
    });

    it('gives back a stream longer than one part', async () => {
      const chunk = randomBytes(1 << 20);
      const facts = await store.put(ref('long'), Readable.from(Array.from({ length: 20 }, () => chunk)));
      expect(facts.size).toBe(20 << 20);
      const { body } = await store.get(ref('long'));
      expect((await buffer(body)).equals(Buffer.concat(Array.from({ length: 20 }, () => chunk)))).toBe(true);
    });

    it.each(refusesDots ? KEYS : [...KEYS, ...DOTTED_KEYS])('takes the key %j', async (key) => {
      await store.put(ref(key), key);
      expect(await text((await store.get(ref(key))).body)).toBe(key);
      expect((await store.list(bucket, { prefix: key })).objects.map((one) => one.key)).toEqual([key]);
      await store.delete(ref(key));
    });

    it('keeps the content type and the metadata', async () => {
      await store.put(ref('described'), 'x', { contentType: 'video/mp4', metadata: { 'spool-task': 't1' } });
      const facts = await store.head(ref('described'));
      expect(facts).toMatchObject({ contentType: 'video/mp4', metadata: { 'spool-task': 't1' }, size: 1 });
      expect(Date.now() - facts.lastModified.getTime()).toBeLessThan(60_000);
    });

    it('gives a range, and the size of the whole', async () => {
      await store.put(ref('range'), '0123456789');
      const middle = await store.get(ref('range'), { range: { start: 2, end: 4 } });
      expect([await text(middle.body), middle.facts.size]).toEqual(['234', 10]);
      expect(await text((await store.get(ref('range'), { range: { start: 7 } })).body)).toBe('789');
      await expect(store.get(ref('range'), { range: { start: 10 } })).rejects.toThrow(RangeNotSatisfiable);
    });

    it('says which object is missing', async () => {
      await expect(store.get(ref('none'))).rejects.toThrow(ObjectNotFound);
      await expect(store.head(ref('none'))).rejects.toThrow('s3://contract/none');
    });

    it('says which bucket is missing', async () => {
      await expect(store.put({ bucket: 'no-such-bucket', key: 'a' }, 'x')).rejects.toThrow(BucketNotFound);
      await expect(store.list('no-such-bucket')).rejects.toThrow(BucketNotFound);
    });

    it('keeps the old object when a put fails half way', async () => {
      await store.put(ref('half'), 'old');
      const broken = Readable.from(
        (async function* () {
          yield randomBytes(6 << 20);
          throw new Error('client went away');
        })(),
      );
      await expect(store.put(ref('half'), broken)).rejects.toThrow('client went away');
      expect(await text((await store.get(ref('half'))).body)).toBe('old');
    });

    it('deletes, also what is not there', async () => {
      await store.put(ref('gone'), 'x');
      await store.delete(ref('gone'));
      await store.delete(ref('gone'));
      await expect(store.head(ref('gone'))).rejects.toThrow(ObjectNotFound);
    });

    it('lists by pages, in the order of the UTF-8 bytes', async () => {
      const keys = ['l/a', hidesNested ? 'l/aa/b' : 'l/a/b', 'l/b', 'l/ü', 'l/\uffee', 'l/🎬'];
      for (const key of keys.toReversed()) await store.put(ref(key), key);
      const seen: string[] = [];
      let after: string | undefined;
      do {
        const page = await store.list(bucket, { prefix: 'l/', limit: 2, ...(after === undefined ? {} : { after }) });
        expect(page.objects.length).toBeLessThanOrEqual(2);
        seen.push(...page.objects.map((one) => one.key));
        after = page.next;
      } while (after !== undefined);
      expect(seen).toEqual(keys);
    });
  });
}
