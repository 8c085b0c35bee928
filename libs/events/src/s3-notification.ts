import { z } from 'zod';
import { isStorable } from './json.js';
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

/** Ceph's form of what the uploader said. */
const pairs = z
  .array(z.object({ key: z.string(), val: z.string() }))
  .optional()
  .catch(undefined);

const recordSchema = z.object({
  eventSource: z.string().optional().catch(undefined),
  eventName: z.string({ error: 'is missing: what happened' }).min(1, { error: 'must not be empty' }),
  eventTime: z.iso.datetime({ offset: true, error: 'must be the time of the event, as in RFC 3339' }),
  s3: z.object(
    {
      configurationId: z.string().optional().catch(undefined),
      bucket: z.object({ name: z.string({ error: 'is missing' }).min(1, { error: 'must not be empty' }) }),
      object: z.object(
        {
          key: z.string({ error: 'is missing: the key of the object' }).min(1, { error: 'must not be empty' }),
          metadata: pairs,
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

type S3Record = z.output<typeof recordSchema>;
type S3Object = S3Record['s3']['object'];

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
  if (parsed.success && !isStorable(record)) {
    bad.push({ pointer, message: 'must not contain NUL or half of a surrogate pair', record });
    return;
  }
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const path = (issue?.path ?? []).map((part) => `/${String(part)}`).join('');
    bad.push({ pointer: pointer + path, message: issue?.message ?? 'is not a record of S3', record });
    return;
  }
  const { eventName, eventTime, s3 } = parsed.data;
  const { size, eTag, versionId, sequencer } = s3.object;
  const key = decodeKey(s3.object.key, hasPlainPlus(parsed.data));
  if (key === undefined || key.includes('\0')) {
    const message = 'must be URL-encoded text without NUL, as S3 sends it';
    bad.push({ pointer: `${pointer}/s3/object/key`, message, record });
    return;
  }
  const { contentType, metadata } = userFacts(headersOf(s3.object), s3.object.contentType);
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

const headersOf = ({ userMetadata, metadata }: S3Object): Readonly<Record<string, string>> | undefined =>
  userMetadata ?? (metadata && Object.fromEntries(metadata.map(({ key, val }) => [key, val])));

/** Ceph tells keys as they are, and versitygw as they stand in addresses: a plus is one there. */
const hasPlainPlus = ({ eventSource, s3 }: S3Record): boolean =>
  eventSource === 'ceph:s3' || /^(kafka|nats|webhook|rabbitmq)-global$/.test(s3.configurationId ?? '');

/**
 * Keys are encoded like a form: `+` is a space, a real plus is `%2B`. Undefined if it is not such text. With blanks or
 * letters of other alphabets it was not encoded at all.
 */
function decodeKey(encoded: string, isPlusPlain: boolean): string | undefined {
  if (/[^\x21-\x7e]/.test(encoded)) return encoded;
  try {
    return decodeURIComponent(isPlusPlain ? encoded : encoded.replaceAll('+', ' '));
  } catch {
    return undefined;
  }
}
