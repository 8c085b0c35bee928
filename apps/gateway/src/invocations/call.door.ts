import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http';
import {
  ApiKeysService,
  CallsService,
  type FunctionVersion,
  InvocationsService,
  type Known,
  whenKnown,
} from '@app/engine';
import type { Json } from '@app/workflow';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyAdapter } from '@nestjs/platform-fastify';
import { apiKeyOf } from '../shell/access.hook.js';
import { BODY_LIMIT, parseStorableJson } from '../shell/body.js';
import { requestId } from '../shell/request-id.js';
import { clientContextOf } from './client-context.js';
import { CallReply, type LeanRequest } from './call.reply.js';
import { type Asked, askedOf, NOTHING_ASKED } from './asked-of.js';
import { bytesOf } from './invocation.view.js';

/** Of `InvokeController`. */
const CALL = /^(\/v1\/functions\/([A-Za-z0-9][A-Za-z0-9._-]{0,63})\/invocations)(?:\?(.*))?$/;
const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf]);
const NO_EVENT = Buffer.from('{}');

interface Wanted {
  readonly path: string;
  readonly name: string;
  readonly bytes: number;
  readonly asked: Asked;
}

interface Given {
  readonly event: Buffer;
  readonly clientContext: string | undefined;
}

interface Admitted {
  readonly namespace: string;
  readonly version: FunctionVersion;
}

/**
 * A second door for one route. A synchronous call of a warm function is done in less time than the framework takes to
 * get to its controller (hooks, middleware, pipes and serializers: 150 µs of 250), so it is served before that. All
 * else goes on to the framework, untouched: other routes and modes, whoever has no valid key, functions that are not
 * warm. What the two have in common is tested on both.
 */
@Injectable()
export class CallDoor implements OnModuleInit {
  constructor(
    private readonly host: HttpAdapterHost<FastifyAdapter>,
    private readonly keys: ApiKeysService,
    private readonly calls: CallsService,
    private readonly invocations: InvocationsService,
    private readonly reply: CallReply,
  ) {}

  onModuleInit(): void {
    const { server } = this.host.httpAdapter.getInstance() as unknown as { server: Server };
    const [framework] = server.listeners('request') as RequestListener[];
    if (!framework) throw new Error('the framework has no listener for requests');
    server.off('request', framework);
    server.prependListener('request', (request: IncomingMessage, response: ServerResponse) => {
      const leave = () => framework(request as never, response as never);
      const wanted = request.method === 'POST' ? wantedOf(request) : undefined;
      if (!wanted) return leave();
      const begunAt = performance.now();
      const go = (admitted: Admitted | undefined) => {
        if (!admitted) return leave();
        const lean = { id: requestId(request), path: wanted.path, begunAt, response };
        void this.serve(wanted, admitted, request, lean);
      };
      const admitted = this.admit(wanted, request);
      if (admitted instanceof Promise) admitted.then(go, leave);
      else go(admitted);
    });
  }

  private async serve(wanted: Wanted, admitted: Admitted, request: IncomingMessage, lean: LeanRequest): Promise<void> {
    try {
      const body = wanted.bytes > 0 ? await read(request) : NO_EVENT;
      const event = body?.subarray(0, 3).equals(BYTE_ORDER_MARK) ? body.subarray(3) : body;
      if (event) await this.call(wanted, admitted, { event, clientContext: clientContextOf(request.headers) }, lean);
    } catch (error) {
      this.reply.problem(lean, error);
    }
  }

  private admit({ name, asked: { qualifier } }: Wanted, request: IncomingMessage): Known<Admitted | undefined> {
    const key = apiKeyOf(request);
    if (key === undefined) return undefined;
    return whenKnown(this.keys.authenticate(key), (caller) => {
      if (!caller) return undefined;
      const { namespace } = caller;
      return whenKnown(
        this.calls.warmVersion(namespace, name, qualifier),
        (version) => version && { namespace, version },
      );
    });
  }

  private async call(
    wanted: Wanted,
    { namespace, version }: Admitted,
    { event, clientContext }: Given,
    lean: LeanRequest,
  ): Promise<void> {
    const input = parseStorableJson(event) as Json;
    const { qualifier, waitMs } = wanted.asked;
    const answer = await this.calls.call({ namespace, version, event, input, clientContext, waitMs });
    if (answer && answer.status !== 'QUEUED') return this.reply.ended(lean, answer);
    const { name } = wanted;
    const queued = answer ?? (await this.invocations.invoke(namespace, name, { input, qualifier, clientContext }));
    const over = new AbortController();
    lean.response.once('close', () => over.abort());
    if (lean.response.closed) over.abort();
    const task = await this.invocations.wait(namespace, queued.id, waitMs, over.signal);
    this.reply.ended(lean, bytesOf(task));
  }
}

/** Undefined for what the framework is to look at. */
function wantedOf({ url = '', headers }: IncomingMessage): Wanted | undefined {
  const [, path = '', name = '', query] = CALL.exec(url) ?? [];
  const length = headers['content-length'] ?? '';
  const isPlain = headers['content-encoding'] === undefined && headers.expect === undefined;
  const isKeyed = headers['idempotency-key'] !== undefined;
  if (name === '' || !isPlain || isKeyed || !/^\d{1,8}$/.test(length) || Number(length) > BODY_LIMIT) return undefined;
  if (!/^application\/json\s*(;|$)/i.test(headers['content-type'] ?? '')) return undefined;
  const asked = query === undefined ? NOTHING_ASKED : askedOf(query);
  return asked && { path, name, bytes: Number(length), asked };
}

/** Undefined if the caller went away in the middle. */
function read(request: IncomingMessage): Promise<Buffer | undefined> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => resolve(chunks.length === 1 ? chunks[0] : Buffer.concat(chunks)));
    request.on('close', () => resolve(undefined)).on('error', () => resolve(undefined));
  });
}
