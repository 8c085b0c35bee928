import { text } from 'node:stream/consumers';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { ObjectChanged, ObjectNotFound, UploadNotFound, UploadPartsRefused } from './object-store.errors.js';
import type { ObjectStore } from './object-store.js';
import type { ObjectTransfers, UploadedPart } from './object-transfers.js';

const MIB = 1024 * 1024;
const bucket = 'transfers';
const ref = (key: string) => ({ bucket, key });

export interface Transferring {
  readonly store: ObjectStore;
  readonly transfers: ObjectTransfers;
}

/** What every adapter promises. Each adapter's spec calls this once. */
export function describeObjectTransfers(name: string, create: () => Promise<Transferring>): void {
  describe(`${name} as ObjectTransfers`, () => {
    let store: ObjectStore;
    let transfers: ObjectTransfers;
    beforeAll(async () => {
      ({ store, transfers } = await create());
      await store.ensureBucket(bucket);
    });

    async function uploadParts(key: string, uploadId: string, contents: readonly Buffer[]): Promise<UploadedPart[]> {
      const urls = await transfers.presignParts(ref(key), uploadId, contents.length, 60);
      return Promise.all(
        urls.map(async (url, at) => {
          const answer = await fetch(url, { method: 'PUT', body: new Uint8Array(contents[at]!) });
          expect(answer.status).toBe(200);
          return { partNumber: at + 1, etag: answer.headers.get('etag')! };
        }),
      );
    }

    it('lets the holder of a URL read, and nobody else', async () => {
      await store.put(ref('a b/ü'), 'hello', { contentType: 'text/plain' });
      const url = await transfers.presignGet(ref('a b/ü'), 60);
      const answer = await fetch(url, { headers: { range: 'bytes=1-3' } });
      expect([answer.status, await answer.text()]).toEqual([206, 'ell']);
      const other = await fetch(url.replace('a%20b', 'a%20c'));
      expect(other.status).toBe(403);
    });

    it('tells the holder of a URL whether an object is the one with an etag still', async () => {
      const { etag } = await store.put(ref('same'), 'hello');
      const url = await transfers.presignGet(ref('same'), 60);
      const asked = () => fetch(url, { headers: { 'if-none-match': `"${etag.replaceAll('"', '')}"` } });
      expect((await asked()).status).toBe(304);
      await store.put(ref('same'), 'changed');
      expect((await asked()).status).toBe(200);
      await store.delete(ref('same'));
      expect((await asked()).status).toBe(404);
    });

    it('lets the holder of a URL write one object, and no other', async () => {
      const url = await transfers.presignPut(ref('put/ä'), 60);
      expect((await fetch(url, { method: 'PUT', body: '{"a":1}' })).status).toBe(200);
      expect(await text((await store.get(ref('put/ä'))).body)).toBe('{"a":1}');
      const other = url.replace('put/', 'pat/');
      expect((await fetch(other, { method: 'PUT', body: 'x' })).status).toBe(403);
    });

    it('shows an uploaded object only once it is completed, with its type and metadata', async () => {
      const uploadId = await transfers.createUpload(ref('up'), { contentType: 'video/mp4', metadata: { task: 't' } });
      const parts = await uploadParts('up', uploadId, [Buffer.alloc(5 * MIB, 'a'), Buffer.from('end')]);
      await expect(store.head(ref('up'))).rejects.toThrow(ObjectNotFound);
      const etag = await transfers.completeUpload(ref('up'), uploadId, parts);
      const facts = await store.head(ref('up'));
      expect(facts).toMatchObject({ etag, size: 5 * MIB + 3, contentType: 'video/mp4', metadata: { task: 't' } });
      expect(await text((await store.get(ref('up'), { range: { start: 5 * MIB - 1 } })).body)).toBe('aend');
    });

    it('completes an empty object from one empty part', async () => {
      const uploadId = await transfers.createUpload(ref('empty'));
      const parts = await uploadParts('empty', uploadId, [Buffer.alloc(0)]);
      await transfers.completeUpload(ref('empty'), uploadId, parts);
      expect((await store.head(ref('empty'))).size).toBe(0);
    });

    it('takes completing twice with the same parts for success, and with others for a failure', async () => {
      const uploadId = await transfers.createUpload(ref('twice'));
      const parts = await uploadParts('twice', uploadId, [Buffer.from('x')]);
      const etag = await transfers.completeUpload(ref('twice'), uploadId, parts);
      expect(await transfers.completeUpload(ref('twice'), uploadId, parts)).toBe(etag);
      const others = [{ partNumber: 1, etag: '0'.repeat(32) }];
      await expect(transfers.completeUpload(ref('twice'), uploadId, others)).rejects.toThrow(UploadNotFound);
    });

    it('refuses parts that it does not have', async () => {
      const uploadId = await transfers.createUpload(ref('unfit'), { contentType: 'text/plain' });
      await uploadParts('unfit', uploadId, [Buffer.from('x')]);
      const unknown = [{ partNumber: 1, etag: '0'.repeat(32) }];
      await expect(transfers.completeUpload(ref('unfit'), uploadId, unknown)).rejects.toThrow(UploadPartsRefused);
    });

    it.each(['source', 'a b/ü+?#%&', 'empty source'])('fills an upload with the object %s', async (key) => {
      const bytes = key === 'empty source' ? '' : 'a film';
      const { etag, size } = await store.put(ref(key), bytes);
      const uploadId = await transfers.createUpload(ref(`${key} again`), { contentType: 'video/mp4' });
      const parts = await transfers.copyParts(ref(`${key} again`), uploadId, { ...ref(key), etag, size });
      await expect(store.head(ref(`${key} again`))).rejects.toThrow(ObjectNotFound);
      await transfers.completeUpload(ref(`${key} again`), uploadId, parts);
      const { body, facts } = await store.get(ref(`${key} again`));
      expect([await text(body), facts.contentType]).toEqual([bytes, 'video/mp4']);
    });

    it('does not copy an object that has changed or gone', async () => {
      const { etag, size } = await store.put(ref('changing'), 'before');
      await store.put(ref('changing'), 'after!');
      const uploadId = await transfers.createUpload(ref('stale'));
      const copy = (key: string) => transfers.copyParts(ref('stale'), uploadId, { ...ref(key), etag, size });
      await expect(copy('changing')).rejects.toThrow(ObjectChanged);
      await expect(copy('gone')).rejects.toThrow(ObjectNotFound);
    });

    it('forgets an aborted upload, and takes aborting twice for success', async () => {
      const uploadId = await transfers.createUpload(ref('aborted'));
      const parts = await uploadParts('aborted', uploadId, [Buffer.from('x')]);
      await transfers.abortUpload(ref('aborted'), uploadId);
      await transfers.abortUpload(ref('aborted'), uploadId);
      await expect(transfers.completeUpload(ref('aborted'), uploadId, parts)).rejects.toThrow(UploadNotFound);
      await expect(store.head(ref('aborted'))).rejects.toThrow(ObjectNotFound);
    });

    it('leaves a completed object alone when its upload is aborted afterwards', async () => {
      const uploadId = await transfers.createUpload(ref('kept'));
      await transfers.completeUpload(ref('kept'), uploadId, await uploadParts('kept', uploadId, [Buffer.from('x')]));
      await transfers.abortUpload(ref('kept'), uploadId);
      expect((await store.head(ref('kept'))).size).toBe(1);
    });
  });
}
