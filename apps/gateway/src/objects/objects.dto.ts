import { SYSTEM_BUCKET } from '@app/engine';
import { bucketName as anyBucket } from '@app/events';
import { z } from 'zod';
import { limit } from '../shell/pages.js';

/** Code of functions lies in our own bucket: nobody reads or lists it here. */
export const bucketName = anyBucket.refine((bucket) => bucket !== SYSTEM_BUCKET, `must not be ${SYSTEM_BUCKET}`);
const key = z.string().min(1, 'must not be empty').max(1_024);

export const objectQuery = z.object({
  bucket: bucketName,
  prefix: z.string().max(1_024).optional(),
  limit: limit(100, 1_000),
  cursor: z.string().max(1_024).optional().meta({ description: '`nextCursor` of the page before' }),
});
export type ObjectQuery = z.output<typeof objectQuery>;

export const objectPage = z
  .object({
    items: z.array(
      z
        .object({ key: z.string(), size: z.int(), etag: z.string(), lastModified: z.iso.datetime() })
        .meta({ id: 'Object' }),
    ),
    nextCursor: z.string().optional(),
  })
  .meta({ id: 'ObjectPage' });

export const urlQuery = z.object({ bucket: bucketName, key });
export type UrlQuery = z.output<typeof urlQuery>;

export const objectUrl = z
  .object({ url: z.url(), size: z.int(), contentType: z.string(), expiresAt: z.iso.datetime() })
  .meta({ id: 'ObjectUrl' });

export const bucketList = z.object({ items: z.array(z.object({ name: z.string() })) }).meta({ id: 'BucketList' });
export const newBucket = z.strictObject({ name: bucketName }).meta({ id: 'NewBucket' });
export type NewBucket = z.output<typeof newBucket>;
