import { InvocationsService, WaitingService } from '@app/engine';
import { Controller, Get, Param, Post, Query } from '@nestjs/common';
import { Operation } from '../openapi/operation.decorator.js';
import { Namespace } from '../shell/caller.decorator.js';
import { uuid } from '../shell/names.js';
import { fromCursor, toCursor } from '../shell/pages.js';
import { InvocationViews } from './invocation.view.js';
import {
  invocationPage,
  type InvocationQuery,
  invocationQuery,
  invocationView,
  logList,
  type LogQuery,
  logQuery,
  toLogLine,
  toWait,
} from './invocations.dto.js';

@Controller('v1/invocations')
export class InvocationsController {
  constructor(
    private readonly invocations: InvocationsService,
    private readonly views: InvocationViews,
    private readonly waiting: WaitingService,
  ) {}

  @Get()
  @Operation({ summary: 'Lists runs of functions, newest first', answer: invocationPage })
  async list(@Namespace() namespace: string, @Query({ schema: invocationQuery }) query: InvocationQuery) {
    const { execution, status, function: resource, limit, cursor } = query;
    const place = fromCursor(cursor);
    const tasks = await this.invocations.list(namespace, {
      limit,
      ...(execution && { executionId: execution }),
      ...(status && { status }),
      ...(resource && { resource }),
      ...(place && { before: { createdAt: place.at, id: place.id } }),
    });
    const last = tasks.length === limit ? tasks.at(-1) : undefined;
    const items = await this.views.all(tasks);
    return { items, ...(last && { nextCursor: toCursor({ at: last.createdAt, id: last.id }) }) };
  }

  @Get(':id')
  @Operation({ summary: 'Shows a run of a function', answer: invocationView })
  async get(@Namespace() namespace: string, @Param('id', { schema: uuid }) id: string) {
    const task = await this.invocations.get(namespace, id);
    const waiting = await this.waiting.explain(task);
    return { ...(await this.views.of(task)), ...(waiting && { waiting: toWait(waiting) }) };
  }

  @Get(':id/logs')
  @Operation({ summary: 'Lists what it wrote to stdout and stderr, oldest first', answer: logList })
  async logs(
    @Namespace() namespace: string,
    @Param('id', { schema: uuid }) id: string,
    @Query({ schema: logQuery }) { after, limit }: LogQuery,
  ) {
    return { items: (await this.invocations.listLogs(namespace, id, after, limit)).map(toLogLine) };
  }

  @Post(':id/cancel')
  @Operation({ summary: 'Ends it; if it runs, its processes are killed', answer: invocationView })
  async cancel(@Namespace() namespace: string, @Param('id', { schema: uuid }) id: string) {
    return this.views.of(await this.invocations.cancel(namespace, id));
  }
}
