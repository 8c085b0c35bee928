import type { FastifyInstance } from 'fastify';

/** Headers for every answer. */
export function sendSecurityHeaders(fastify: FastifyInstance, s3Endpoint: string): void {
  const headers = securityHeaders(s3Endpoint);
  fastify.addHook('onRequest', async (request, reply) => {
    reply.headers(headers);
    // What a key shows must not stay in a shared cache.
    if (request.url.startsWith('/v1/')) reply.header('Cache-Control', 'no-store');
  });
}

/**
 * Scripts come from here only; pictures, video and sound also from the object store,
 * whose addresses the console gets presigned. Swagger UI needs inline styles.
 */
export function securityHeaders(s3Endpoint: string): Readonly<Record<string, string>> {
  const { origin } = new URL(s3Endpoint);
  const csp = [
    "default-src 'self'",
    `img-src 'self' data: blob: ${origin}`,
    `media-src 'self' blob: ${origin}`,
    `connect-src 'self' ${origin}`,
    "style-src 'self' 'unsafe-inline'",
    "script-src 'self'",
    "object-src 'none'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
    "form-action 'self'",
  ].join('; ');
  return {
    'Content-Security-Policy': csp,
    'X-Content-Type-Options': 'nosniff',
    'X-Frame-Options': 'DENY',
    'Referrer-Policy': 'no-referrer',
    'Cross-Origin-Resource-Policy': 'same-origin',
  };
}
