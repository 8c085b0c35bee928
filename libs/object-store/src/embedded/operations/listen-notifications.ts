import { Readable } from 'node:stream';
import type { ObjectNotification } from '../../object-notifications.js';
import type { S3Request } from '../http/s3-request.js';
import type { Operation } from './operation.js';

const KEEP_ALIVE_MS = 5000;
/** A listener that falls so far behind is cut off: these are live, the journal is what isn't lost. */
const MAX_BEHIND_BYTES = 4 * 1024 * 1024;

/** MinIO's `GET /bucket?events=…`, or `GET /?events=…` for all: a line of JSON per change, and blanks while nothing is. */
export const listenNotifications: Operation = ({ buckets, notifications }, request) => {
  if (request.bucket !== '') buckets.get(request.bucket);
  const isWanted = filter(request);
  const stream = new Readable({ read() {} });
  const send = (text: string): void => {
    if (stream.readableLength > MAX_BEHIND_BYTES) stream.destroy();
    else stream.push(text);
  };
  const unwatch = notifications.watch({
    tell: (notification) => {
      if (isWanted(notification)) send(`${JSON.stringify(line(notification))}\n`);
    },
    end: () => void stream.push(null),
  });
  const keepAlive = setInterval(() => send(' '), KEEP_ALIVE_MS).unref();
  stream.once('close', () => {
    clearInterval(keepAlive);
    unwatch();
  });
  send(' ');
  return { status: 200, headers: { 'content-type': 'text/event-stream' }, body: stream };
};

function filter({ bucket, query }: S3Request): (notification: ObjectNotification) => boolean {
  const [prefix, suffix] = [query.get('prefix') ?? '', query.get('suffix') ?? ''];
  const events = query.all('events').map((event) => event.replace(/^s3:/, ''));
  return (notification) =>
    (bucket === '' || bucket === notification.bucket) &&
    notification.key.startsWith(prefix) &&
    notification.key.endsWith(suffix) &&
    events.some((event) =>
      event.endsWith('*') ? notification.eventName.startsWith(event.slice(0, -1)) : event === notification.eventName,
    );
}

function line(notification: ObjectNotification): object {
  const { bucket, key } = notification;
  return { EventName: `s3:${notification.eventName}`, Key: `${bucket}/${key}`, Records: [record(notification)] };
}

/** MinIO's record; the key is as it is, which MinIO does here alone. */
function record({ bucket, key, eventName, eventTime, size, etag, ...rest }: ObjectNotification): object {
  const { versionId, sequencer, contentType } = rest;
  const object = { key, size, eTag: etag, contentType, versionId, sequencer };
  return {
    eventVersion: '2.0',
    eventSource: 'minio:s3',
    awsRegion: '',
    eventTime,
    eventName: `s3:${eventName}`,
    s3: {
      s3SchemaVersion: '1.0',
      configurationId: 'Config',
      bucket: { name: bucket, arn: `arn:aws:s3:::${bucket}` },
      object,
    },
  };
}
