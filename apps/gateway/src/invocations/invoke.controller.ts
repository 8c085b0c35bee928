import { InvalidRequest } from '@app/common';
import { AsynchronousCallsService, InvocationsService } from '@app/engine';
import type { Json } from '@app/workflow';
import { Body, Controller, Param, Post, Query } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { type InvokeQuery, invokeQuery } from '../functions/functions.dto.js';
import { Operation } from '../openapi/operation.decorator.js';
import { type HeldCall, NamespaceAndHeld } from '../shell/caller.decorator.js';
import { name } from '../shell/names.js';
import { clientContextOf } from './client-context.js';
import { resultOf } from './invocation.view.js';
import { invocationResult } from './invocations.dto.js';

const event = z.json().default({}).meta({ description: 'The event that the function gets' });
const MAX_KEY = 256;
const OPEN = new Set(['QUEUED', 'RUNNING', 'PUBLISHING']);

@Controller('v1/functions')
export class InvokeController {
  constructor(
    private readonly invocations: InvocationsService,
    private readonly calls: AsynchronousCallsService,
  ) {}

  @Post(':name/invocations')
  @Operation({
    summary: 'Runs a function',
    description:
      "The body is the event. The answer is 200 with the result, of a failed run too, or 202 with the id of a run that has not ended: ask for it at `/v1/invocations/{id}`. The header `X-Amz-Client-Context`, base64 of a JSON object, is `clientContext` of the function's context.",
    answer: invocationResult,
    accepted: 'It has not ended; `Location` is where to ask',
  })
  async invoke(
    @NamespaceAndHeld() { namespace, reply, signal }: HeldCall & { namespace: string },
    @Param('name', { schema: name }) functionName: string,
    @Query({ schema: invokeQuery }) query: InvokeQuery,
    @Body({ schema: event }) input: Json,
  ) {
    const { mode, qualifier, cache, waitSeconds } = query;
    const clientContext = clientContextOf(reply.request.headers);
    const wanted = { input, qualifier, clientContext, skipCache: cache === 'off' };
    const dedupKey = dedupKeyOf(query, reply.request);
    const queued =
      mode === 'async'
        ? await this.calls.invoke(namespace, functionName, { ...wanted, dedupKey })
        : await this.invocations.invoke(namespace, functionName, wanted);
    const waitMs = mode === 'sync' ? waitSeconds * 1_000 : 0;
    const task = waitMs > 0 ? await this.invocations.wait(namespace, queued.id, waitMs, signal) : queued;
    const isAccepted = mode === 'async' || OPEN.has(task.status);
    if (isAccepted) reply.code(202).header('Location', `/v1/invocations/${task.id}`);
    return { id: task.id, status: task.status, ...resultOf(task) };
  }
}

/** Of the query, or of the header that the IETF's draft names. */
function dedupKeyOf({ mode, dedupKey }: InvokeQuery, { headers }: FastifyRequest): string | undefined {
  const header = headers['idempotency-key'];
  const key = dedupKey ?? (typeof header === 'string' ? header : undefined);
  if (key === undefined) return undefined;
  const pointer = dedupKey === undefined ? '/header/Idempotency-Key' : '/query/dedupKey';
  if (mode !== 'async')
    throw new InvalidRequest([{ pointer, message: 'is for asynchronous invocations: add mode=async' }]);
  if (key === '' || key.length > MAX_KEY)
    throw new InvalidRequest([{ pointer, message: `must have 1 to ${MAX_KEY} characters` }]);
  return key;
}
