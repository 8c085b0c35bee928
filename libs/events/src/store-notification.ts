import { fromS3Notification, type RejectedRecord, type S3Notifications } from './s3-notification.js';
import { isStorable } from './json.js';
import type { ObjectNotification } from './object-notification.js';

type Fields = Readonly<Record<string, unknown>>;

/** SQS within SNS within EventBridge is as deep as anybody wraps. */
const MAX_WRAPPINGS = 4;
const NOTHING: S3Notifications = { notifications: [], rejected: [], ignored: [] };

/**
 * Reads what any object store posts: records of S3 (AWS, MinIO, RustFS, Ceph; also one of them alone, or in an array),
 * the same inside of SNS or SQS, S3's events of EventBridge, and SeaweedFS' filer events. What cannot be read is
 * rejected by itself, with the reason; everything beside it counts. `receivedAt` is for events without a time.
 */
export function fromStoreNotification(body: unknown, receivedAt: string, depth = 0): S3Notifications {
  if (Array.isArray(body) && body.length > 0)
    return merged(body.map((one) => fromStoreNotification(one, receivedAt, depth)));
  if (!isFields(body) || depth > MAX_WRAPPINGS) return fromS3Notification(body);
  const inner = wrapped(body);
  if (inner) return merged(inner.map((one) => fromText(one, body, receivedAt, depth)));
  if (body['Type'] === 'SubscriptionConfirmation') {
    return rejected('', `is a subscription of SNS to confirm: open ${String(body['SubscribeURL'])}`, body);
  }
  if (isFields(body['detail']) && typeof body['detail-type'] === 'string') return fromEventBridge(body, receivedAt);
  if (typeof body['key'] === 'string' && isFields(body['message'])) return fromSeaweed(body, receivedAt);
  if (isFields(body['s3'])) return fromS3Notification({ Records: [completed(body, undefined, receivedAt)] });
  return fromRecords(body, receivedAt);
}

/** The texts inside of an envelope of SNS or SQS. */
function wrapped(body: Fields): unknown[] | undefined {
  if (body['Type'] === 'Notification' && 'Message' in body) return [body['Message']];
  const records = Array.isArray(body['Records']) ? body['Records'].filter(isFields) : [];
  const inner = records.flatMap((record) => {
    if (isFields(record['Sns'])) return [record['Sns']['Message']];
    return 'body' in record && !('s3' in record) ? [record['body']] : [];
  });
  return inner.length > 0 ? inner : undefined;
}

function fromText(text: unknown, body: Fields, receivedAt: string, depth: number): S3Notifications {
  if (typeof text !== 'string') return fromStoreNotification(text, receivedAt, depth + 1);
  try {
    return fromStoreNotification(JSON.parse(text), receivedAt, depth + 1);
  } catch {
    return rejected('/Message', 'must be JSON: the notification inside of its envelope', body);
  }
}

/** Stores leave things out: RustFS the key, others the time. What stands beside the records makes up for it. */
function fromRecords(body: Fields, receivedAt: string): S3Notifications {
  const { Records: records, EventName: eventName, Key: path } = body;
  if (Array.isArray(records)) {
    const only = records.length === 1 && typeof path === 'string' ? path : undefined;
    return fromS3Notification({ ...body, Records: records.map((record) => completed(record, only, receivedAt)) });
  }
  if (records !== undefined || typeof eventName !== 'string' || typeof path !== 'string')
    return fromS3Notification(body);
  return fromS3Notification({ Records: [completed({ eventName, s3: { bucket: {}, object: {} } }, path, receivedAt)] });
}

/** `path` is BUCKET/KEY, not encoded. */
function completed(record: unknown, path: string | undefined, receivedAt: string): unknown {
  if (!isFields(record) || !isFields(record['s3'])) return record;
  const { bucket, object } = record['s3'];
  if (!isFields(object)) return record;
  const [, bucketName, key] = /^([^/]+)\/(.+)$/s.exec(path ?? '') ?? [];
  const size =
    typeof object['size'] === 'string' && /^\d+$/.test(object['size']) ? Number(object['size']) : object['size'];
  const whole = { ...object, size, ...(!object['key'] && key && { key: encodeURIComponent(key) }) };
  const named = isFields(bucket) && bucket['name'] ? bucket : { ...(isFields(bucket) && bucket), name: bucketName };
  return {
    ...record,
    eventTime: record['eventTime'] ?? receivedAt,
    s3: { ...record['s3'], bucket: named, object: whole },
  };
}

/** How S3 names in its own notifications what it names so in EventBridge. */
const REASONS: Readonly<Record<string, string>> = {
  PutObject: 'Put',
  'POST Object': 'Post',
  CopyObject: 'Copy',
  DeleteObject: 'Delete',
};

/** Keys are not encoded there. */
function fromEventBridge(body: Fields, receivedAt: string): S3Notifications {
  const kind = String(body['detail-type']);
  const eventName = { 'Object Created': 'ObjectCreated:', 'Object Deleted': 'ObjectRemoved:' }[kind];
  if (!eventName) return { ...NOTHING, ignored: [kind] };
  const { bucket, object, reason } = body['detail'] as Fields;
  if (!isFields(bucket) || !isFields(object) || !bucket['name'] || !object['key']) {
    return rejected('/detail', 'must have bucket.name and object.key', body);
  }
  return fromS3Notification({
    Records: [
      {
        eventName: eventName + (REASONS[String(reason)] ?? String(reason ?? 'Unknown').replaceAll(' ', '')),
        eventTime: body['time'] ?? receivedAt,
        s3: {
          bucket,
          object: {
            ...object,
            key: encodeURIComponent(String(object['key'])),
            eTag: object['etag'],
            versionId: object['version-id'],
          },
        },
      },
    ],
  });
}

const BUCKETS = /^\/buckets\/([^/]+)\/(.+)$/s;

/** The filer's own events: paths of files, of which those below /buckets are objects. */
function fromSeaweed(body: Fields, receivedAt: string): S3Notifications {
  const message = body['message'] as Fields;
  const [before, after] = [message['old_entry'] ?? message['oldEntry'], message['new_entry'] ?? message['newEntry']];
  const [, bucket, key] = BUCKETS.exec(String(body['key'])) ?? [];
  const entry = isFields(after) ? after : isFields(before) ? before : {};
  const isFolder = (entry['is_directory'] ?? entry['isDirectory']) === true;
  if (!bucket || !key || isFolder || key.startsWith('.uploads/')) return { ...NOTHING, ignored: [String(body['key'])] };
  const attributes = isFields(entry['attributes']) ? entry['attributes'] : {};
  const size = Number(attributes['file_size'] ?? attributes['fileSize']);
  const md5 = attributes['md5'];
  const mtime = Number(attributes['mtime']);
  const notification: ObjectNotification = {
    eventName: isFields(after) ? 'ObjectCreated:Put' : 'ObjectRemoved:Delete',
    bucket,
    key,
    eventTime: Number.isFinite(mtime) && mtime > 0 ? new Date(mtime * 1_000).toISOString() : receivedAt,
    ...(Number.isFinite(size) && { size }),
    ...(typeof md5 === 'string' && md5 && { etag: hexOf(md5) }),
    ...(typeof attributes['mime'] === 'string' && attributes['mime'] && { contentType: attributes['mime'] }),
  };
  if (!isStorable(notification)) return rejected('/key', 'must not contain NUL or half of a surrogate pair', body);
  return { ...NOTHING, notifications: [notification] };
}

/** Protobuf's JSON has bytes in base64; an ETag is hexadecimal. */
function hexOf(md5: string): string {
  if (/^[0-9a-f]{32}$/i.test(md5)) return md5.toLowerCase();
  return [...atob(md5)].map((byte) => byte.charCodeAt(0).toString(16).padStart(2, '0')).join('');
}

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const merged = (parts: readonly S3Notifications[]): S3Notifications => ({
  notifications: parts.flatMap(({ notifications }) => notifications),
  rejected: parts.flatMap((part): readonly RejectedRecord[] => part.rejected),
  ignored: parts.flatMap(({ ignored }) => ignored),
});

const rejected = (pointer: string, message: string, record: unknown): S3Notifications => ({
  ...NOTHING,
  rejected: [{ pointer, message, record }],
});
