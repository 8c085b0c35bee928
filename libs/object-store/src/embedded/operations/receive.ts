import type { IncomingBody } from '../body/incoming-body.js';
import type { StoredBytes } from '../storage/object-version.js';
import type { Storage } from '../storage/storage.js';

/** Stores a body as blobs that the caller holds. If it isn't what it was said to be, nothing stays. */
export async function receive({ blobs }: Storage, body: IncomingBody): Promise<StoredBytes> {
  const segments = await blobs.write(body);
  const { size, md5, checksum } = body.facts;
  return {
    segments,
    size,
    etag: md5,
    ...(checksum ? { checksum: { ...checksum, type: 'FULL_OBJECT' as const } } : {}),
  };
}
