import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { progress, type Progress } from '@app/worker-api';
import { type Failure, type Json, parseStorable, toFailure } from './failure.js';
import { BodyTooLarge, readBody } from './read-body.js';

/** One piece of work for an instance. */
export interface Invocation {
  readonly requestId: string;
  readonly payload: Json;
  /** Milliseconds since the epoch. */
  readonly deadlineMs: number;
  readonly functionArn: string;
  readonly inputs: Readonly<Record<string, string>>;
  readonly outputs: Readonly<Record<string, string>>;
  /** The variables of the environment that are this invocation's own. */
  readonly variables: Readonly<Record<string, string>>;
  readonly onProgress: (progress: Progress) => void;
}

export type Answer =
  | { readonly type: 'response'; readonly output: Json }
  | { readonly type: 'error'; readonly failure: Failure; readonly during: 'init' | 'invocation' };

/** In the folder that is given to `listen`. */
export const SOCKET_NAME = 'runtime.sock';
/** What clients of a socket are told as the address; nothing listens there. */
const NO_PORT = '127.0.0.1:9001';
export const MAX_RESPONSE_BYTES = 6 * 1024 * 1024;
const MAX_ERROR_BYTES = 1024 * 1024;
const ROUTE =
  /^\/(2018-06-01\/runtime|spool\/2024-01)\/(?:(init)\/error|invocation\/(?:(next)|([^/]+)\/(response|error|progress)))$/;

interface Pending {
  readonly invocation: Invocation;
  readonly settle: (answer: Answer) => void;
}

/**
 * The AWS Lambda Runtime API, as one instance sees it (HTTP/1.1 on loopback, a port of its own; or a socket file, for
 * a sandbox with a network of its own):
 *
 *   GET  /2018-06-01/runtime/invocation/next             ─▶  the event; waits until there is one
 *   POST /2018-06-01/runtime/invocation/{id}/response    ◀─  the result
 *   POST /2018-06-01/runtime/invocation/{id}/error       ◀─  { errorMessage, errorType, stackTrace }
 *   POST /2018-06-01/runtime/init/error                  ◀─  the handler could not be loaded
 *   POST /spool/2024-01/invocation/{id}/progress         ◀─  { percent, message }: ours
 *
 * Anything on the machine can reach a loopback port, so our bootstraps also show the instance's token.
 */
export class RuntimeApi {
  readonly token = randomBytes(16).toString('hex');
  /** The instance has come so far that it wanted work. */
  hasAsked = false;
  private pending: Pending | undefined;
  private initFailure: Answer | undefined;
  private waiting: ServerResponse | undefined;
  private readonly onIdle = new Set<() => void>();

  private constructor(private readonly server: Server) {}

  /** On loopback, or on a socket in this folder. */
  static async listen(dir?: string): Promise<RuntimeApi> {
    const server = createServer({ keepAlive: true, requestTimeout: 0, headersTimeout: 0, keepAliveTimeout: 0 });
    const api = new RuntimeApi(server);
    server.on('request', (request, response) => {
      void api.handle(request, response).catch((error: unknown) => fail(response, 500, 'InternalError', String(error)));
    });
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      if (dir === undefined) server.listen(0, '127.0.0.1', resolve);
      else server.listen(join(dir, SOCKET_NAME), resolve);
    });
    server.unref();
    return api;
  }

  /** The value of AWS_LAMBDA_RUNTIME_API. */
  get address(): string {
    const address = this.server.address() as AddressInfo | string;
    return typeof address === 'string' ? NO_PORT : `127.0.0.1:${address.port}`;
  }

  /** Gives the instance its next work. One at a time. Never settles if the instance dies: watch that too. */
  invoke(invocation: Invocation): Promise<Answer> {
    if (this.pending) throw new Error('The instance has work already');
    if (this.initFailure) return Promise.resolve(this.initFailure);
    return new Promise((resolve) => {
      this.pending = { invocation, settle: resolve };
      if (this.waiting) this.give(this.waiting);
    });
  }

  /** The instance has answered and asks for more. Never settles if it dies instead. */
  idle(): Promise<void> {
    if (this.waiting && !this.pending) return Promise.resolve();
    return new Promise((resolve) => void this.onIdle.add(resolve));
  }

  close(): void {
    this.server.close();
    this.server.closeAllConnections();
  }

  private async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const [, api, init, next, id, kind] = ROUTE.exec(request.url ?? '') ?? [];
    const isProgress = kind === 'progress';
    if (!api || isProgress !== api.startsWith('spool')) return fail(response, 404, 'NotFound', 'no such path');
    if (request.headers['spool-instance-token'] !== this.token)
      return fail(response, 403, 'Forbidden', 'not this instance');
    if (request.method !== (next ? 'GET' : 'POST')) return fail(response, 405, 'MethodNotAllowed', 'wrong method');
    if (next) return this.next(response);
    if (init) return this.failInit(request, response);
    const { pending } = this;
    if (!pending || pending.invocation.requestId !== id)
      return fail(response, 400, 'InvalidRequestID', 'not the invocation in hand');
    if (isProgress) return this.report(pending, request, response);
    const answer = kind === 'error' ? await readError(request, 'invocation') : await readResponse(request);
    if (this.pending === pending) {
      this.pending = undefined;
      pending.settle(answer);
    }
    if (isTooLarge(answer)) return fail(response, 413, 'RequestEntityTooLarge', 'the response is too large');
    respond(response, 202, { status: 'OK' });
  }

  private next(response: ServerResponse): void {
    this.hasAsked = true;
    this.waiting = response;
    response.once('close', () => {
      if (this.waiting === response) this.waiting = undefined;
    });
    if (this.pending) return this.give(response);
    for (const tell of this.onIdle) tell();
    this.onIdle.clear();
  }

  /** An instance that asks again without having answered gets the same work again, as in AWS. */
  private give(response: ServerResponse): void {
    if (!this.pending) return;
    const { requestId, deadlineMs, functionArn, payload, inputs, outputs, variables } = this.pending.invocation;
    this.waiting = undefined;
    response.writeHead(200, {
      'content-type': 'application/json',
      'lambda-runtime-aws-request-id': requestId,
      'lambda-runtime-deadline-ms': String(deadlineMs),
      'lambda-runtime-invoked-function-arn': functionArn,
      'lambda-runtime-trace-id': `Root=1-${requestId}`,
      'spool-files': encodeURIComponent(JSON.stringify({ inputs, outputs })),
      'spool-variables': encodeURIComponent(JSON.stringify(variables)),
    });
    response.end(JSON.stringify(payload));
  }

  private async failInit(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.initFailure = await readError(request, 'init');
    this.pending?.settle(this.initFailure);
    this.pending = undefined;
    respond(response, 202, { status: 'OK' });
  }

  private async report({ invocation }: Pending, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const parsed = progress.safeParse(parseStorable(await readBody(request, MAX_ERROR_BYTES)));
    if (!parsed.success)
      return fail(response, 400, 'InvalidProgress', 'wanted { percent: 0…100, message: at most 500 characters }');
    invocation.onProgress(parsed.data);
    respond(response, 202, { status: 'OK' });
  }
}

const isTooLarge = (answer: Answer): boolean =>
  answer.type === 'error' && answer.failure.error === 'Function.ResponseTooLarge';

async function readResponse(request: IncomingMessage): Promise<Answer> {
  try {
    const text = await readBody(request, MAX_RESPONSE_BYTES);
    if (text === '') return { type: 'response', output: null };
    const output = parseStorable(text);
    if (output !== undefined) return { type: 'response', output };
    return failed('Function.InvalidResponse', `The response is not JSON that can be stored: ${text.slice(0, 200)}`);
  } catch (error) {
    if (error instanceof BodyTooLarge)
      return failed('Function.ResponseTooLarge', `The response is larger than ${MAX_RESPONSE_BYTES} bytes`);
    return failed('Function.InvalidResponse', `The response broke off: ${String(error)}`);
  }
}

const failed = (error: string, errorMessage: string): Answer => ({
  type: 'error',
  failure: toFailure(error, { errorMessage }),
  during: 'invocation',
});

async function readError(request: IncomingMessage, during: 'init' | 'invocation'): Promise<Answer> {
  const text = await readBody(request, MAX_ERROR_BYTES).catch(() => '');
  const body = parseStorable(text);
  const { errorMessage, errorType, stackTrace, trace }: Record<string, unknown> =
    body && typeof body === 'object' && !Array.isArray(body) ? body : {};
  const header = request.headers['lambda-runtime-function-error-type'];
  const name = typeof errorType === 'string' ? errorType : String(header ?? 'Error');
  const lines = [stackTrace, trace].find(Array.isArray) ?? [];
  const message = typeof errorMessage === 'string' ? errorMessage : text.slice(0, 1_000);
  return {
    type: 'error',
    failure: toFailure(name, { errorMessage: message, errorType: name, trace: lines.map(String) }),
    during,
  };
}

function respond(response: ServerResponse, status: number, body: Record<string, string>): void {
  if (!response.headersSent) response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}

const fail = (response: ServerResponse, status: number, errorType: string, errorMessage: string): void =>
  respond(response, status, { errorType, errorMessage });
