import type { IncomingHttpHeaders } from 'node:http';
import type { Authenticated } from '../auth/authenticate.js';
import { ChunkSigner } from '../auth/chunk-signer.js';
import { S3Error } from '../http/s3-error.js';
import { AwsChunked } from './aws-chunked.js';
import { expectedBody } from './expected-body.js';
import { IncomingBody } from './incoming-body.js';

/** The body as its headers say that it is wrapped, signed and summed. Nothing is read yet. */
export function openBody(
  source: AsyncIterable<Buffer>,
  headers: IncomingHttpHeaders,
  authenticated: Authenticated,
): IncomingBody {
  const { payloadHash } = authenticated;
  const expected = expectedBody(headers, payloadHash);
  switch (payloadHash) {
    case 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD':
    case 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER':
      return unwrapped(new AwsChunked(source, new ChunkSigner(authenticated)));
    case 'STREAMING-UNSIGNED-PAYLOAD-TRAILER':
      return unwrapped(new AwsChunked(source));
    case 'UNSIGNED-PAYLOAD':
      return new IncomingBody(source, expected);
    default:
      if (expected.sha256 !== undefined) return new IncomingBody(source, expected);
      throw new S3Error('InvalidArgument', 'x-amz-content-sha256 must be UNSIGNED-PAYLOAD, STREAMING-… or a SHA-256.');
  }

  function unwrapped(chunks: AwsChunked): IncomingBody {
    if (headers['x-amz-decoded-content-length'] === undefined) throw new S3Error('MissingContentLength');
    return new IncomingBody(chunks, expected, chunks.trailers);
  }
}
