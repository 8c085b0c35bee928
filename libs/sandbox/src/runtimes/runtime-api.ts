import { randomBytes } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Server as SocketServer, Socket } from 'node:net';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { serveNotUpgraded } from '@app/common';
import { progress } from '@app/worker-api';
import { parseStorable } from './failure.js';
import { InstanceStream, STREAM_PATH } from './instance-stream.js';
import { eventOf, headersOf, type Invocation } from './invocation.js';
import { readBody } from './read-body.js';
import {
  type Answer,
  errorOf,
  isTooLarge,
  MAX_RESPONSE_BYTES,
  readError,
  readResponse,
  responseOf,
} from './runtime-answers.js';

/** In the folder that is given to `listen`. */
export const SOCKET_NAME = 'runtime.sock';
/** Inside a sandbox with a network of its own; as on AWS. Clients of our socket file are told it, and nothing listens there. */
export const INSIDE_PORT = 9001;
/** Ours keep to the limits by themselves; what is far beyond is not held. */
const MAX_FRAME_BYTES = 2 * MAX_RESPONSE_BYTES;
/** Each is one of the executor's files, which are for all of its functions. */
const SPARE_CONNECTIONS = 64;
const CONNECTIONS_PER_CALL = 4;
/** A message has 500 characters at most. */
const MAX_PROGRESS_BYTES = 8_192;
const LOAD_PATH = '/spool/2024-01/load';
const ROUTE =
  /^\/(2018-06-01\/runtime|spool\/2024-01)\/(?:(init)\/error|invocation\/(?:(next)|([^/]+)\/(response|error|progress)))$/;

interface Pending {
  readonly invocation: Invocation;
  readonly settle: (answer: Answer) => void;
  isGiven: boolean;
  /** An answer is on its way. A second one would be held in our memory, as would be a thousand. */
  isAnswered?: boolean;
}

/** Who may ask: one that shows the token, or one whose connection is the instance's by some other proof. */
export type Access = 'token' | ((socket: Socket) => boolean | Promise<boolean>);
type Place = { readonly dir: string } | { readonly server: SocketServer } | 'loopback';

/**
 * The AWS Lambda Runtime API, as one instance sees it (HTTP/1.1 on loopback, a port of its own; or a socket file, for
 * a sandbox with a network of its own):
 *
 *   GET  /2018-06-01/runtime/invocation/next             ─▶  the event; waits until there is one
 *   POST /2018-06-01/runtime/invocation/{id}/response    ◀─  the result
 *   POST /2018-06-01/runtime/invocation/{id}/error       ◀─  { errorMessage, errorType, stackTrace }
 *   POST /2018-06-01/runtime/init/error                  ◀─  the handler could not be loaded
 *   POST /spool/2024-01/invocation/{id}/progress         ◀─  { percent, message }: ours
 *   GET  /spool/2024-01/stream                               all of it as frames: ours, see `instance-stream.ts`
 *   GET  /spool/2024-01/load                             ─▶  the environment, once it is known: ours, see `template.ts`
 *
 * Anything on the machine can reach a loopback port, so our bootstraps also show the instance's token.
 */
export class RuntimeApi {
  readonly token = randomBytes(16).toString('hex');
  /** When the instance had come so far that it wanted work. */
  askedAt: number | undefined;
  private readonly pending = new Map<string, Pending>();
  private initFailure: Answer | undefined;
  private isFailing = false;
  private readonly waiting = new Set<ServerResponse>();
  private stream: InstanceStream | undefined;
  private readonly onIdle = new Set<() => void>();
  private readonly loading = new EventEmitter();
  private wantsLoad: ServerResponse | undefined;
  private readonly server: Server = createServer({
    keepAlive: true,
    requestTimeout: 0,
    headersTimeout: 0,
    keepAliveTimeout: 0,
  });

  private most = 1;

  constructor(
    private readonly access: Access = 'token',
    concurrency = 1,
  ) {
    this.concurrency = concurrency;
    this.server.on('request', (request, response) => {
      void this.handle(request, response).catch((error: unknown) =>
        fail(response, 500, 'InternalError', String(error)),
      );
    });
    this.server.on('upgrade', (request: IncomingMessage, socket: Duplex, first: Buffer) => {
      if (request.url === STREAM_PATH) this.upgrade(request, socket);
      else serveNotUpgraded(this.server, request, socket, first);
    });
  }

  /** How many calls it has in hand at the same time. */
  get concurrency(): number {
    return this.most;
  }

  set concurrency(most: number) {
    this.most = most;
    this.server.maxConnections = SPARE_CONNECTIONS + CONNECTIONS_PER_CALL * most;
  }

  /** On loopback, or on a socket in this folder, to be asked with the token. */
  static async listen(dir?: string): Promise<RuntimeApi> {
    const api = new RuntimeApi();
    await api.listen(dir === undefined ? 'loopback' : { dir });
    return api;
  }

  async listen(place: Place): Promise<void> {
    const { server } = this;
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      if (place === 'loopback') server.listen(0, '127.0.0.1', resolve);
      else if ('dir' in place) server.listen(join(place.dir, SOCKET_NAME), resolve);
      else server.listen(place.server, resolve);
    });
    server.unref();
  }

  /** The value of AWS_LAMBDA_RUNTIME_API. */
  get address(): string {
    const address = this.server.address() as AddressInfo | string | null;
    const port = address === null || typeof address === 'string' ? INSIDE_PORT : address.port;
    return `127.0.0.1:${port}`;
  }

  /** Gives the instance more work. Never settles if the instance dies: watch that too. */
  invoke(invocation: Invocation): Promise<Answer> {
    if (this.pending.has(invocation.requestId)) throw new Error('The instance has this work already');
    if (this.initFailure) return Promise.resolve(this.initFailure);
    return new Promise((resolve) => {
      this.pending.set(invocation.requestId, { invocation, settle: resolve, isGiven: false });
      if (this.stream) return this.stream.send(invocation);
      const [free] = this.waiting;
      if (free) this.give(free);
    });
  }

  /** Resolves when a runtime without code asks what it is to be. Never settles if it dies instead. */
  async loadAsked(): Promise<void> {
    if (!this.wantsLoad) await once(this.loading, 'asked');
  }

  /** Says it. */
  load(environment: Readonly<Record<string, string>>): void {
    this.wantsLoad?.end(JSON.stringify(environment));
  }

  /** Nobody waits for an answer any more: what comes for it is refused. */
  forget(requestId: string): void {
    this.pending.delete(requestId);
  }

  /** The instance has answered all and asks for more. Never settles if it dies instead. */
  idle(): Promise<void> {
    const wantsMore = this.waiting.size > 0 || this.stream !== undefined;
    if (wantsMore && this.pending.size === 0) return Promise.resolve();
    return new Promise((resolve) => void this.onIdle.add(resolve));
  }

  close(): void {
    this.server.close();
    this.server.closeAllConnections();
    this.stream?.close();
  }

  private upgrade(request: IncomingMessage, socket: Duplex): void {
    const isOurs = request.headers['spool-instance-token'] === this.token;
    if (!isOurs || this.stream) return void socket.end('HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n');
    this.askedAt ??= performance.now();
    const stream = new InstanceStream(socket, MAX_FRAME_BYTES, {
      onAnswer: (id, kind, body) => {
        const during = kind === 'fatal' ? 'end' : 'invocation';
        this.settle(id, kind === 'response' ? responseOf(body) : errorOf(body.toString(), during));
      },
      onProgress: (id, body) => {
        const parsed = progress.safeParse(parseStorable(body.toString()));
        if (parsed.success) this.pending.get(id)?.invocation.onProgress(parsed.data);
      },
    });
    this.stream = stream;
    for (const { invocation } of this.pending.values()) stream.send(invocation);
    this.tellIdle();
  }

  private settle(id: string, answer: Answer): void {
    const pending = this.pending.get(id);
    this.pending.delete(id);
    pending?.settle(answer);
    if (this.stream) this.tellIdle();
  }

  private tellIdle(): void {
    if (this.pending.size > 0 || this.onIdle.size === 0) return;
    for (const tell of this.onIdle) tell();
    this.onIdle.clear();
  }

  private async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const [, api, init, next, id = '', kind] = ROUTE.exec(request.url ?? '') ?? [];
    const isProgress = kind === 'progress';
    if (request.url === LOAD_PATH && (await this.mayAsk(request))) return this.offerLoad(response);
    if (!api || isProgress !== api.startsWith('spool')) return fail(response, 404, 'NotFound', 'no such path');
    if (!(await this.mayAsk(request))) return fail(response, 403, 'Forbidden', 'not this instance');
    if (request.method !== (next ? 'GET' : 'POST')) return fail(response, 405, 'MethodNotAllowed', 'wrong method');
    if (next) return this.next(response);
    if (init) return this.failInit(request, response);
    const pending = this.pending.get(id);
    if (!pending) return fail(response, 400, 'InvalidRequestID', 'not an invocation in hand');
    if (isProgress) return this.report(pending, request, response);
    if (pending.isAnswered) return fail(response, 400, 'InvalidRequestID', 'it is answered already');
    pending.isAnswered = true;
    const answer = kind === 'error' ? await readError(request, 'invocation') : await readResponse(request);
    this.settle(id, answer);
    if (isTooLarge(answer)) return fail(response, 413, 'RequestEntityTooLarge', 'the response is too large');
    respond(response, 202, { status: 'OK' });
  }

  private async mayAsk({ headers, socket }: IncomingMessage): Promise<boolean> {
    if (headers['spool-instance-token'] === this.token) return true;
    return this.access !== 'token' && this.access(socket);
  }

  private offerLoad(response: ServerResponse): void {
    this.wantsLoad = response;
    this.loading.emit('asked');
  }

  private next(response: ServerResponse): void {
    this.askedAt ??= performance.now();
    this.waiting.add(response);
    response.once('close', () => this.waiting.delete(response));
    this.give(response);
    this.tellIdle();
  }

  /** An instance that asks again without having answered gets the only work it has again, as in AWS. */
  private give(response: ServerResponse): void {
    const all = [...this.pending.values()];
    const next = all.find(({ isGiven }) => !isGiven) ?? (this.concurrency === 1 ? all[0] : undefined);
    if (!next) return;
    next.isGiven = true;
    this.waiting.delete(response);
    response.writeHead(200, headersOf(next.invocation));
    response.end(eventOf(next.invocation));
  }

  private async failInit(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (this.isFailing) return fail(response, 403, 'InvalidStateTransition', 'its init phase has failed already');
    this.isFailing = true;
    this.initFailure = await readError(request, 'init');
    for (const { settle } of this.pending.values()) settle(this.initFailure);
    this.pending.clear();
    respond(response, 202, { status: 'OK' });
  }

  private async report({ invocation }: Pending, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const parsed = progress.safeParse(parseStorable(await readBody(request, MAX_PROGRESS_BYTES).catch(() => '')));
    if (!parsed.success)
      return fail(response, 400, 'InvalidProgress', 'wanted { percent: 0…100, message: at most 500 characters }');
    invocation.onProgress(parsed.data);
    respond(response, 202, { status: 'OK' });
  }
}

function respond(response: ServerResponse, status: number, body: Record<string, string>): void {
  if (!response.headersSent) response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}

const fail = (response: ServerResponse, status: number, errorType: string, errorMessage: string): void =>
  respond(response, status, { errorType, errorMessage });
