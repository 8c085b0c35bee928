import type { Readable } from 'node:stream';
import { DEFAULT_NAMESPACE, ExecutorsService } from '@app/engine';
import { Controller, Get, Param, Post } from '@nestjs/common';
import { z } from 'zod';
import { Operation } from '../openapi/operation.decorator.js';
import { Held, type HeldCall, Namespace } from '../shell/caller.decorator.js';
import { OperatorsOnly } from '../shell/access.errors.js';
import { follow } from '../shell/follow.js';
import { uuid } from '../shell/names.js';
import { sendEvents } from '../shell/server-sent-events.js';
import { executorDetails, executorList, toDetails, toExecutor, news } from './executors.dto.js';

@Controller('v1/executors')
export class ExecutorsController {
  constructor(private readonly executors: ExecutorsService) {}

  @Get()
  @Operation({ summary: 'Lists executors that were heard of within the last hour', answer: executorList })
  async list() {
    return { items: (await this.executors.list()).map(toExecutor) };
  }

  @Get('events')
  @Operation({
    summary: 'Follows the executors live, as server-sent events',
    description:
      'First an `executor` event for each that there is, as `/v1/executors/{id}` shows it, then one for each in which something changes: its room, its instances, its tasks and how far they are. `gone` has the id of one that is not listed any more.',
    answer: z.string(),
    contentType: 'text/event-stream',
  })
  events(@Namespace() namespace: string, @Held() { reply, signal }: HeldCall): Readable {
    const look = async () =>
      (await this.executors.listHolding(namespace)).map((holding) => toDetails(holding, namespace));
    return sendEvents(reply, follow({ event: 'executor', look, news }, signal), signal);
  }

  @Get(':id')
  @Operation({ summary: 'What an executor has, what of it is free, and what it does for you', answer: executorDetails })
  async get(@Namespace() namespace: string, @Param('id', { schema: uuid }) id: string) {
    return toDetails(await this.executors.get(id, namespace), namespace);
  }

  @Post(':id/drain')
  @Operation({
    summary: 'Asks an executor to stop',
    description:
      'It takes no more tasks, finishes those that it has within its `SPOOL_DRAIN_SECONDS`, hands back the rest, and exits. Only for keys of the namespace `default`.',
    status: 202,
    answer: executorDetails,
  })
  async drain(@Namespace() namespace: string, @Param('id', { schema: uuid }) id: string) {
    // It works for all namespaces: one of them must not take it from the others.
    if (namespace !== DEFAULT_NAMESPACE) throw new OperatorsOnly();
    await this.executors.drain(id);
    return this.get(namespace, id);
  }
}
