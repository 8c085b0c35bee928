import { z } from 'zod';
import { changeOf, type ObjectNotification, plainEventName } from './object-notification.js';

export interface RejectedRecord {
  /** Where in the body, as a JSON Pointer. */
  readonly pointer: string;
  readonly message: string;
  /** The record as it came, for the dead letters. */
  readonly record: unknown;
}

export interface S3Notifications {
  readonly notifications: readonly ObjectNotification[];
  readonly rejected: readonly RejectedRecord[];
  /** Names of events that say nothing about an object coming or going: `s3:TestEvent`, reads, tags. */
  readonly ignored: readonly string[];
}

/** Absent, null and empty are the same to us: stores differ in which one they send. */
const optionalText = z
  .string()
  .nullish()
  .transform((text) => text || undefined);

const encodedKey = z
  .string({ error: 'is missing: the key of the object' })
  .min(1, { error: 'must not be empty' })
  .transform((encoded, context) => {
    const key = decodeKey(encoded);
    if (key !== undefined && !key.includes('\0')) return key;
    context.addIssue({ code: 'custom', message: 'must be URL-encoded text without NUL, as S3 sends it' });
    return z.NEVER;
  });

const recordSchema = z.object({
  eventName: z.string({ error: 'is missing: what happened' }).min(1, { error: 'must not be empty' }),
  eventTime: z.iso.datetime({ offset: true, error: 'must be the time of the event, as in RFC 3339' }),
  s3: z.object(
    {
      bucket: z.object({ name: z.string({ error: 'is missing' }).min(1, { error: 'must not be empty' }) }),
      object: z.object(
        {
          key: encodedKey,
          size: z.number().int().nonnegative().nullish(),
          eTag: optionalText,
          versionId: optionalText,
          sequencer: optionalText,
          contentType: optionalText,
          userMetadata: z.record(z.string(), z.string()).nullish().catch(undefined),
        },
        { error: 'is missing: the object' },
      ),
    },
    { error: 'is missing: the bucket and the object' },
  ),
});

const bodySchema = z.object({ Records: z.array(z.unknown()).nullish(), Event: z.string().optional() });

/**
 * Reads what S3 stores send: AWS (also its `s3:TestEvent`), MinIO and RustFS (the same records below a copy
 * of `EventName` and `Key`). Each record stands for itself: a bad one is rejected, the others count.
 */
export function fromS3Notification(body: unknown): S3Notifications {
  const parsed = bodySchema.safeParse(body);
  if (!parsed.success) return rejectedWhole(body, 'must be an S3 notification: an object with an array "Records"');
  const { Records, Event } = parsed.data;
  if (Records === undefined && Event !== undefined) return { notifications: [], rejected: [], ignored: [Event] };
  if (Records === undefined) return rejectedWhole(body, 'must have "Records", the array of what happened');
  const notifications: ObjectNotification[] = [];
  const rejected: RejectedRecord[] = [];
  const ignored: string[] = [];
  for (const [index, record] of (Records ?? []).entries()) {
    const name = eventNameOf(record);
    if (name !== undefined && changeOf(name) === undefined) ignored.push(name);
    else readRecord(record, `/Records/${index}`, notifications, rejected);
  }
  return { notifications, rejected, ignored };
}

const rejectedWhole = (body: unknown, message: string): S3Notifications => ({
  notifications: [],
  rejected: [{ pointer: '', message, record: body }],
  ignored: [],
});

const eventNameOf = (record: unknown): string | undefined =>
  z.object({ eventName: z.string().min(1) }).safeParse(record).data?.eventName;

function readRecord(record: unknown, pointer: string, good: ObjectNotification[], bad: RejectedRecord[]): void {
  const parsed = recordSchema.safeParse(record);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const path = (issue?.path ?? []).map((part) => `/${String(part)}`).join('');
    bad.push({ pointer: pointer + path, message: issue?.message ?? 'is not a record of S3', record });
    return;
  }
  const { eventName, eventTime, s3 } = parsed.data;
  const { key, size, eTag, versionId, sequencer, userMetadata } = s3.object;
  const { contentType, metadata } = userFacts(userMetadata ?? undefined, s3.object.contentType);
  good.push({
    eventName: plainEventName(eventName),
    bucket: s3.bucket.name,
    key,
    eventTime,
    ...(typeof size === 'number' && { size }),
    ...(eTag && { etag: eTag.replaceAll('"', '') }),
    ...(versionId && { versionId }),
    ...(sequencer && { sequencer }),
    ...(contentType && { contentType }),
    ...(metadata && { metadata }),
  });
}

const USER_PREFIX = 'x-amz-meta-';

/** MinIO tells the headers that the object was uploaded with: its type, and the user's metadata. */
export function userFacts(
  told: Readonly<Record<string, string>> | undefined,
  contentType: string | undefined,
): { contentType?: string | undefined; metadata?: Record<string, string> } {
  if (!told) return { contentType };
  const headers = Object.entries(told).map(([name, value]) => [name.toLowerCase(), value] as const);
  const own = headers.filter(([name]) => name.startsWith(USER_PREFIX));
  return {
    contentType: contentType ?? headers.find(([name]) => name === 'content-type')?.[1],
    // None may mean that the store does not tell.
    ...(own.length > 0 && {
      metadata: Object.fromEntries(own.map(([name, value]) => [name.slice(USER_PREFIX.length), value])),
    }),
  };
}

/** Keys are encoded like a form: `+` is a space, a real plus is `%2B`. Undefined if it is not such text. */
function decodeKey(encoded: string): string | undefined {
  try {
    return decodeURIComponent(encoded.replaceAll('+', ' '));
  } catch {
    return undefined;
  }
}
