import type { ServerResponse } from 'node:http';
import type { CallAnswer } from '@app/engine';
import { Inject, Injectable } from '@nestjs/common';
import { PinoLogger } from 'nestjs-pino';
import { MetricsService } from '../metrics/metrics.service.js';
import { type GatewaySettings, SETTINGS } from '../settings.js';
import { problemOf } from '../shell/problem.filter.js';
import { securityHeaders } from '../shell/security-headers.js';

export const CALL_ROUTE = '/v1/functions/:name/invocations';
const JSON_TYPE = 'application/json; charset=utf-8';

/** A call that came past the framework, on its way out. */
export interface LeanRequest {
  readonly id: string;
  readonly path: string;
  readonly begunAt: number;
  readonly response: ServerResponse;
}

/** Answers as the framework would: the same headers, problem details, log line and measurement. */
@Injectable()
export class CallReply {
  private readonly headers: readonly string[];

  constructor(
    private readonly metrics: MetricsService,
    private readonly logger: PinoLogger,
    @Inject(SETTINGS) settings: GatewaySettings,
  ) {
    const all = { ...securityHeaders(settings.s3.publicEndpoint), 'Cache-Control': 'no-store' };
    this.headers = Object.entries(all).flatMap(([name, value]) => [name.toLowerCase(), value]);
  }

  ended(request: LeanRequest, answer: CallAnswer): void {
    const { output, ...rest } = answer;
    const isOpen = OPEN.has(answer.status);
    const head = JSON.stringify(rest);
    const body = output ? withOutput(head, output) : head;
    const location = isOpen ? ['location', `/v1/invocations/${answer.id}`] : [];
    this.send(request, isOpen ? 202 : 200, JSON_TYPE, body, location);
  }

  problem(request: LeanRequest, error: unknown): void {
    const problem = problemOf(error);
    if (problem.status >= 500)
      this.logger.error(`POST ${request.path} failed, request ${request.id}: ${textOf(error)}`);
    const body = JSON.stringify({ ...problem, requestId: request.id });
    this.send(request, problem.status, 'application/problem+json', body);
  }

  private send(
    { id, path, begunAt, response }: LeanRequest,
    status: number,
    type: string,
    body: string | Buffer,
    more: readonly string[] = [],
  ): void {
    const own = ['x-request-id', id, 'content-type', type, 'content-length', String(Buffer.byteLength(body))];
    response.writeHead(status, [...this.headers, ...own, ...more]);
    response.end(body);
    const ms = performance.now() - begunAt;
    this.metrics.observe('POST', CALL_ROUTE, status, ms);
    const { logger } = this.logger;
    const level = status >= 500 ? 'error' : 'info';
    if (!logger.isLevelEnabled(level)) return;
    const facts = { req: { id, method: 'POST', path }, res: { statusCode: status }, responseTime: Math.round(ms) };
    logger[level](facts, `POST ${path} ${status}`);
  }
}

const OPEN = new Set(['QUEUED', 'RUNNING', 'PUBLISHING']);
const END = Buffer.from('}');
const TEXT_BYTES = 16_384;

/** A short text goes out with the headers in one piece; what is long is not made a text for that. */
function withOutput(head: string, output: Buffer): string | Buffer {
  const before = `${head.slice(0, -1)},"output":`;
  if (output.length <= TEXT_BYTES) return `${before}${output.toString()}}`;
  return Buffer.concat([Buffer.from(before), output, END]);
}
const textOf = (error: unknown): string => (error instanceof Error ? (error.stack ?? error.message) : String(error));
