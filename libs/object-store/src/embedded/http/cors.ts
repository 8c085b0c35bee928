import type { IncomingHttpHeaders } from 'node:http';
import { type Reply, emptyReply } from './reply.js';

const EXPOSED = [
  'accept-ranges',
  'content-length',
  'content-range',
  'content-type',
  'etag',
  'last-modified',
  'x-amz-checksum-crc32',
  'x-amz-request-id',
  'x-amz-version-id',
];

/** Any page may ask: nothing is answered without a signature, and no cookie is one. So a browser can play media. */
export const CORS_HEADERS = {
  'access-control-allow-origin': '*',
  'access-control-expose-headers': EXPOSED.join(', '),
};

export const preflight = (headers: IncomingHttpHeaders): Reply =>
  emptyReply(204, {
    'access-control-allow-methods': 'GET, HEAD, PUT, POST, DELETE',
    'access-control-allow-headers': headers['access-control-request-headers'] ?? '*',
    'access-control-max-age': 3600,
  });
