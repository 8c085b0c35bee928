import type { IncomingMessage } from 'node:http';
import type { Client } from 'minio';
import type { ObjectNotification } from '../object-notifications.js';

/** MinIO and its likes send blanks every few seconds; a connection that is silent for so long is dead. */
const SILENCE_MS = 60_000;
const MAX_LINE_LENGTH = 1024 * 1024;
/** Escaped as minio-js signs it: a bare `*` is not what a server signs. */
const QUERY = 'events=s3%3AObjectCreated%3A%2A&events=s3%3AObjectRemoved%3A%2A';

/**
 * What happens in a bucket, from now until the connection ends; throws if it ends badly. The request is minio-js's,
 * the reading is ours: its poller ends the process when the answer is XML (AWS answers a listing), asks again
 * without a pause, and keeps its connection when stopped.
 */
export async function* bucketEvents(
  client: Client,
  bucket: string,
  signal: AbortSignal,
  onConnected: () => void = () => {},
): AsyncGenerator<ObjectNotification> {
  const response = await client.makeRequestAsync({ method: 'GET', bucketName: bucket, query: QUERY });
  const hangUp = (): void => void response.destroy();
  signal.addEventListener('abort', hangUp, { once: true });
  response.setTimeout(SILENCE_MS, () => response.destroy(new Error(`Nothing heard for ${SILENCE_MS} ms`)));
  try {
    if (signal.aborted) return;
    checkType(response);
    onConnected();
    for await (const line of lines(response)) if (line.trim() !== '') yield* parseLine(line);
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    signal.removeEventListener('abort', hangUp);
    response.destroy();
  }
}

/** Not readline's, which waits for ever when its input is destroyed. */
async function* lines(response: IncomingMessage): AsyncGenerator<string> {
  let rest = '';
  for await (const chunk of response.setEncoding('utf8') as AsyncIterable<string>) {
    const [last = '', ...whole] = (rest + chunk).split('\n').toReversed();
    yield* whole.toReversed();
    rest = last;
    if (rest.length > MAX_LINE_LENGTH) throw new Error('The store sent a line without end');
  }
}

function checkType({ headers }: IncomingMessage): void {
  const type = headers['content-type'] ?? '';
  if (/xml/i.test(type)) throw new Error('The store does not speak listenBucketNotification: it answered with XML');
}

interface EventRecord {
  readonly eventName: string;
  readonly eventTime: string;
  readonly s3: {
    readonly bucket: { readonly name: string };
    readonly object: {
      readonly key: string;
      readonly size?: number;
      readonly eTag?: string;
      readonly versionId?: string;
      readonly sequencer?: string;
      readonly contentType?: string;
    };
  };
}

function parseLine(line: string): ObjectNotification[] {
  const { Records } = JSON.parse(line) as { Records?: EventRecord[] | null };
  return (Records ?? []).map(toNotification);
}

/** Live, MinIO tells keys as they are; only what it posts has them encoded. */
function toNotification({ eventName, eventTime, s3: { bucket, object } }: EventRecord): ObjectNotification {
  const { key, size, eTag, versionId, sequencer = '', contentType } = object;
  return {
    eventName: eventName.replace(/^s3:/, ''),
    bucket: bucket.name,
    key,
    sequencer,
    eventTime,
    ...(size === undefined ? {} : { size }),
    ...(eTag ? { etag: eTag.replaceAll('"', '') } : {}),
    ...(versionId ? { versionId } : {}),
    ...(contentType ? { contentType } : {}),
  };
}
