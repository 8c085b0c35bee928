import { randomBytes } from 'node:crypto';
import { type IncomingMessage, type Server, type ServerResponse, createServer } from 'node:http';
import type { Readable } from 'node:stream';
import { finished, pipeline } from 'node:stream/promises';
import { Logger } from '@nestjs/common';
import { CORS_HEADERS } from './cors.js';
import { type Reply, xmlReply } from './reply.js';
import { S3Error } from './s3-error.js';

/** `bytes` is the request's body; it may be left unread. */
export type Handle = (request: IncomingMessage, bytes: AsyncIterable<Buffer>) => Promise<Reply>;

/** Between bytes, either way. A connection on which nothing moves for so long is dead, or a player on pause. */
const IDLE_MS = 5 * 60 * 1000;
/** Longer than clients keep a connection for reuse, so that it isn't closed under a request. */
const KEEP_ALIVE_MS = 75 * 1000;
/** What a refused client may still send before we hang up: it reads our answer only when it is done sending. */
const MAX_UNWANTED_BYTES = 16 * 1024 * 1024;

const logger = new Logger('EmbeddedS3');

/** `maxHeaderSize` is Node's 16 KiB; the bodies' sizes are each operation's. */
export function createHttpServer(handle: Handle): Server {
  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS, requestTimeout: 0 }, (request, response) => {
    void serve(handle, request, response);
  });
  server.on('checkContinue', (request: IncomingMessage, response: ServerResponse) => {
    void serve(handle, request, response);
  });
  server.setTimeout(IDLE_MS);
  return server;
}

async function serve(handle: Handle, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const requestId = randomBytes(8).toString('hex').toUpperCase();
  try {
    const reply = await handle(request, bytesOf(request, response)).catch((error: unknown) =>
      errorReply(error, requestId, request),
    );
    await send(reply, requestId, request, response);
  } catch {
    // The client is gone, or a file could not be read in mid-answer: all we can still do is not to end it well.
    response.destroy();
  }
}

/**
 * A body that is awaited (`Expect: 100-continue`) is asked for once it is read, so a refused request never sends it.
 * Leaving it half read must not close the connection: the client is still to be told why.
 */
async function* bytesOf(request: IncomingMessage, response: ServerResponse): AsyncGenerator<Buffer> {
  if (isAwaited(request)) response.writeContinue();
  yield* request.iterator({ destroyOnReturn: false });
}

async function send(
  reply: Reply,
  requestId: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { status, headers, body } = reply;
  const isUnread = !request.readableEnded && !isBodiless(request);
  const length =
    typeof body === 'string' ? { 'content-length': Buffer.byteLength(body) } : body ? {} : emptyLength(reply);
  response.writeHead(status, {
    'x-amz-request-id': requestId,
    server: 'Spool',
    ...CORS_HEADERS,
    ...length,
    ...headers,
    ...(isUnread ? { connection: 'close' } : {}),
  });
  if (typeof body === 'object') return stream(body, response);
  if (isUnread && !isAwaited(request)) {
    response.write(body ?? '');
    await discard(request);
    response.end();
  } else response.end(body);
}

async function stream(body: Readable, response: ServerResponse): Promise<void> {
  try {
    await pipeline(body, response);
  } finally {
    body.destroy();
  }
}

const isAwaited = ({ headers }: IncomingMessage): boolean => /^100-continue$/i.test(headers.expect ?? '');

const isBodiless = ({ headers }: IncomingMessage): boolean =>
  headers['transfer-encoding'] === undefined && Number(headers['content-length'] ?? 0) === 0;

const emptyLength = ({ status }: Reply) => (status === 204 || status === 304 ? {} : { 'content-length': 0 });

async function discard(request: IncomingMessage): Promise<void> {
  let size = 0;
  request.removeAllListeners('readable');
  request.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size > MAX_UNWANTED_BYTES) request.destroy();
  });
  await finished(request).catch(() => {});
}

function errorReply(error: unknown, requestId: string, { method, url }: IncomingMessage): Reply {
  const known = error instanceof S3Error ? error : toS3Error(error);
  if (known.code === 'InternalError') logger.error(`${method} ${url?.split('?')[0]}: ${stackOf(error)}`);
  const reply = xmlReply(
    'Error',
    { Code: known.code, Message: known.message, Resource: url?.split('?')[0], RequestId: requestId },
    known.status,
  );
  // A HEAD has no body to say it in.
  return method === 'HEAD' ? { status: known.status } : reply;
}

function toS3Error(error: unknown): S3Error {
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'ECONNRESET' || code === 'ERR_STREAM_PREMATURE_CLOSE') return new S3Error('IncompleteBody');
  if (code === 'ENOSPC') return new S3Error('InternalError', 'The disk is full.');
  return new S3Error('InternalError');
}

const stackOf = (error: unknown): string => (error instanceof Error ? (error.stack ?? error.message) : String(error));
