import { InvocationsService } from '@app/engine';
import type { Json } from '@app/workflow';
import { Body, Controller, Param, Post, Query } from '@nestjs/common';
import { z } from 'zod';
import { type InvokeQuery, invokeQuery } from '../functions/functions.dto.js';
import { Operation } from '../openapi/operation.decorator.js';
import { type HeldCall, NamespaceAndHeld } from '../shell/caller.decorator.js';
import { name } from '../shell/names.js';
import { resultOf } from './invocation.view.js';
import { invocationResult } from './invocations.dto.js';

const event = z.json().default({}).meta({ description: 'The event that the function gets' });
const OPEN = new Set(['QUEUED', 'RUNNING', 'PUBLISHING']);

@Controller('v1/functions')
export class InvokeController {
  constructor(private readonly invocations: InvocationsService) {}

  @Post(':name/invocations')
  @Operation({
    summary: 'Runs a function',
    description:
      'The body is the event. The answer is 200 with the result, of a failed run too, or 202 with the id of a run that has not ended: ask for it at `/v1/invocations/{id}`.',
    answer: invocationResult,
    accepted: 'It has not ended; `Location` is where to ask',
  })
  async invoke(
    @NamespaceAndHeld() { namespace, reply, signal }: HeldCall & { namespace: string },
    @Param('name', { schema: name }) functionName: string,
    @Query({ schema: invokeQuery }) { mode, qualifier, cache, waitSeconds }: InvokeQuery,
    @Body({ schema: event }) input: Json,
  ) {
    const queued = await this.invocations.invoke(namespace, functionName, {
      input,
      qualifier,
      skipCache: cache === 'off',
    });
    const waitMs = mode === 'sync' ? waitSeconds * 1_000 : 0;
    const task = waitMs > 0 ? await this.invocations.wait(namespace, queued.id, waitMs, signal) : queued;
    if (OPEN.has(task.status)) reply.code(202).header('Location', `/v1/invocations/${task.id}`);
    return { id: task.id, status: task.status, ...resultOf(task) };
  }
}
