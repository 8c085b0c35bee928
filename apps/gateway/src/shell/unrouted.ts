import type { FastifyReply, FastifyRequest } from 'fastify';
import { httpProblem } from './problem.filter.js';
import { securityHeaders } from './security-headers.js';

const TOO_LONG = 'FST_ERR_MAX_PARAM_LENGTH';

/**
 * Answers what has an address that no route can be looked up by: broken percent-encoding, or too long a part. The
 * framework asks no hook and no filter about it, so everything that an answer has is given to it here.
 */
export const answerUnrouted =
  (s3Endpoint: string) =>
  (error: { readonly code?: string }, request: FastifyRequest, reply: FastifyReply): void => {
    const problem =
      error.code === TOO_LONG
        ? httpProblem(414, 'A part of the address is too long')
        : httpProblem(400, 'The address is not percent-encoded UTF-8');
    void reply
      .code(problem.status)
      .headers({ ...securityHeaders(s3Endpoint), 'x-request-id': request.id })
      .type('application/problem+json')
      .send(JSON.stringify({ ...problem, requestId: request.id }));
  };
