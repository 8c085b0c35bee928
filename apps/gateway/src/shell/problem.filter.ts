import { STATUS_CODES } from 'node:http';
import { AppError, type Problem, toProblem } from '@app/common';
import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException, Logger } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { databaseUnavailable } from './database-unavailable.js';

const CODES: Readonly<Record<number, string>> = {
  400: 'bad_request',
  404: 'route_not_found',
  405: 'method_not_allowed',
  408: 'request_timeout',
  413: 'body_too_large',
  414: 'address_too_long',
  415: 'unsupported_media_type',
};

/** The only place where an error becomes HTTP: always problem details (RFC 9457), never a stack. */
@Catch()
export class ProblemFilter implements ExceptionFilter<unknown> {
  private readonly logger = new Logger('Request');

  constructor(private readonly host: HttpAdapterHost) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const response = http.getResponse<FastifyReply>();
    const problem = problemOf(error);
    if (problem.status >= 500) this.log(error, request);
    const { httpAdapter } = this.host;
    // An answer that has begun, such as a stream, can only be cut off.
    if (httpAdapter.isHeadersSent(response)) {
      response.raw.destroy();
      return;
    }
    httpAdapter.setHeader(response, 'Content-Type', 'application/problem+json');
    if (problem.status === 401) httpAdapter.setHeader(response, 'WWW-Authenticate', 'Bearer realm="spool"');
    const { retryAfterSeconds } = problem;
    if (typeof retryAfterSeconds === 'number')
      httpAdapter.setHeader(response, 'Retry-After', String(retryAfterSeconds));
    httpAdapter.reply(response, JSON.stringify({ ...problem, requestId: request.id }), problem.status);
  }

  private log(error: unknown, { id, method, url }: FastifyRequest): void {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    this.logger.error(`${method} ${pathOf(url)} failed, request ${id}: ${text}`);
  }
}

/** Queries may carry what is nobody's business. */
const pathOf = (url = '') => url.split('?')[0];

export function problemOf(error: unknown): Problem {
  if (error instanceof AppError) return toProblem(error);
  const unavailable = databaseUnavailable(error);
  if (unavailable) return toProblem(unavailable);
  if (error instanceof HttpException && error.getStatus() < 500) return httpProblem(error.getStatus(), error.message);
  const detail = 'Something went wrong on our side. The request id finds it in the log';
  return { type: 'urn:spool:error:internal', title: 'Internal error', status: 500, detail, code: 'internal' };
}

export function httpProblem(status: number, detail: string): Problem {
  const code = CODES[status] ?? `http_${status}`;
  return { type: `urn:spool:error:${code}`, title: STATUS_CODES[status] ?? 'Error', status, detail, code };
}
