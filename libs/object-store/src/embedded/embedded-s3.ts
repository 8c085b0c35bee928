import type { IncomingMessage, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Authority, authenticate } from './auth/authenticate.js';
import type { Credentials } from './auth/signing.js';
import { openBody } from './body/open-body.js';
import { preflight } from './http/cors.js';
import type { Reply } from './http/reply.js';
import { parseTarget } from './http/s3-request.js';
import { createHttpServer } from './http/server.js';
import type { EmbeddedNotifications } from './notifications/embedded.object-notifications.js';
import { isFormUpload, postObject } from './operations/post-object.js';
import { operationOf } from './operations/router.js';
import { openStorage } from './storage/open-storage.js';
import type { Storage } from './storage/storage.js';

export interface EmbeddedS3Options {
  /** Of this server alone: nobody else may have it open. */
  readonly dir: string;
  /** 0 takes a free one. */
  readonly port: number;
  readonly host?: string;
  readonly credentials: Credentials;
  /** Signatures for another are refused, naming this one. */
  readonly region?: string;
}

const CLOSE_GRACE_MS = 2000;

/**
 * An S3-compatible server in this process: one key, path-style addresses, objects in a folder. It keeps what it
 * acknowledged through kill -9, and tells of every change at least once (see ObjectChanges).
 */
export class EmbeddedS3 {
  private constructor(
    private readonly server: Server,
    readonly endpoint: string,
    readonly notifications: EmbeddedNotifications,
  ) {}

  static async start(options: EmbeddedS3Options): Promise<EmbeddedS3> {
    const { dir, port, host = '127.0.0.1', credentials, region = 'us-east-1' } = options;
    const storage = await openStorage(dir);
    const server = createHttpServer((request, bytes) => {
      return answer(storage, { credentials, region }, request, bytes);
    });
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, host, resolve);
    });
    const { port: bound } = server.address() as AddressInfo;
    return new EmbeddedS3(server, `http://${host.includes(':') ? `[${host}]` : host}:${bound}`, storage.notifications);
  }

  /** Takes no more requests, gives those in hand a moment, and cuts off the rest: they were not acknowledged. */
  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.server.close(() => resolve()));
    this.notifications.endWatching();
    this.server.closeIdleConnections();
    const cut = setTimeout(() => this.server.closeAllConnections(), CLOSE_GRACE_MS);
    await closed;
    clearTimeout(cut);
  }
}

async function answer(
  storage: Storage,
  authority: Authority,
  request: IncomingMessage,
  bytes: AsyncIterable<Buffer>,
): Promise<Reply> {
  const { method = '', headers } = request;
  if (method === 'OPTIONS') return preflight(headers);
  const target = parseTarget(request.url ?? '/');
  if (target.key === '' && isFormUpload(request)) return postObject(storage, authority, target, { headers, bytes });
  const authenticated = authenticate(request, target, authority);
  const operation = operationOf(method, target);
  return operation(storage, { ...target, method, headers, body: openBody(bytes, headers, authenticated) });
}
