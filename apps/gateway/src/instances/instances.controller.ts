import type { Readable } from 'node:stream';
import { ExecutorsService } from '@app/engine';
import { Controller, Get, Query } from '@nestjs/common';
import { z } from 'zod';
import {
  instanceList,
  type InstanceQuery,
  instanceQuery,
  type InstanceView,
  toInstances,
} from '../executors/executors.dto.js';
import { Operation } from '../openapi/operation.decorator.js';
import { Held, type HeldCall, Namespace } from '../shell/caller.decorator.js';
import { follow } from '../shell/follow.js';
import { sendEvents } from '../shell/server-sent-events.js';

/** The processes of functions, on all executors. */
@Controller('v1/instances')
export class InstancesController {
  constructor(private readonly executors: ExecutorsService) {}

  @Get()
  @Operation({
    summary: 'Lists the processes that serve your functions: starting, busy, or warm and idle',
    description: 'As told by the executors, some seconds ago at most.',
    answer: instanceList,
  })
  async list(@Namespace() namespace: string, @Query({ schema: instanceQuery }) query: InstanceQuery) {
    const { function: name, executor, state } = query;
    const all = await this.all(namespace);
    const items = all.filter(
      (one) =>
        (name === undefined || one.function === name) &&
        (executor === undefined || one.executor === executor || one.executorId === executor) &&
        (state === undefined || one.state === state),
    );
    return { items };
  }

  @Get('events')
  @Operation({
    summary: 'Follows the instances live, as server-sent events',
    description:
      'First an `instance` event for each that there is, then one for each that changes or is measured anew, and `gone` with the id of one that has ended.',
    answer: z.string(),
    contentType: 'text/event-stream',
  })
  events(@Namespace() namespace: string, @Held() { reply, signal }: HeldCall): Readable {
    return sendEvents(reply, follow({ event: 'instance', look: () => this.all(namespace), news }, signal), signal);
  }

  private async all(namespace: string): Promise<InstanceView[]> {
    return (await this.executors.list()).flatMap((one) => toInstances(one, namespace));
  }
}

const news = (one: InstanceView) => ({ ...one, ageMs: 0, idleMs: 0 });
