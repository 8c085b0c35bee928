import type { Readable } from 'node:stream';
import { type ExecutionFilter, ExecutionsService, TriggersService } from '@app/engine';
import { Body, Controller, Get, Headers, Param, Post, Query } from '@nestjs/common';
import { z } from 'zod';
import { Operation } from '../openapi/operation.decorator.js';
import { Held, type HeldCall, Namespace, NamespaceAndHeld } from '../shell/caller.decorator.js';
import { uuid } from '../shell/names.js';
import { fromCursor, toCursor } from '../shell/pages.js';
import { sendEvents } from '../shell/server-sent-events.js';
import { ExecutionStream } from './execution.stream.js';
import { ExecutionViews } from './execution.view.js';
import {
  executionPage,
  type ExecutionQuery,
  executionQuery,
  executionView,
  type StopExecution,
  stopExecution,
  type WaitQuery,
  waitQuery,
} from './executions.dto.js';
import { historyList, type HistoryQuery, historyQuery, withoutData } from './history.dto.js';
import { HistoryViews } from './history.view.js';

@Controller('v1/executions')
export class ExecutionsController {
  constructor(
    private readonly executions: ExecutionsService,
    private readonly views: ExecutionViews,
    private readonly stream: ExecutionStream,
    private readonly histories: HistoryViews,
    private readonly triggers: TriggersService,
  ) {}

  @Get()
  @Operation({ summary: 'Lists executions, newest first', answer: executionPage })
  async list(@Namespace() namespace: string, @Query({ schema: executionQuery }) query: ExecutionQuery) {
    const { limit, cursor, trigger, ...filter } = query;
    const place = fromCursor(cursor);
    const found = await this.executions.list(namespace, {
      ...filter,
      limit,
      ...(trigger && { triggerId: (await this.triggers.get(namespace, trigger)).id }),
      ...(place && { before: { startedAt: place.at, id: place.id } }),
    } as ExecutionFilter);
    const last = found.length === limit ? found.at(-1) : undefined;
    const items = await this.views.all(found);
    return { items, ...(last && { nextCursor: toCursor({ at: last.startedAt, id: last.id }) }) };
  }

  @Get(':id')
  @Operation({ summary: 'Shows an execution; with `wait`, once it has ended', answer: executionView })
  async get(
    @NamespaceAndHeld() { namespace, signal }: HeldCall & { namespace: string },
    @Param('id', { schema: uuid }) id: string,
    @Query({ schema: waitQuery }) { wait, includedData }: WaitQuery,
  ) {
    const waiting = [namespace, id, wait * 1_000, signal] as const;
    if (includedData === 'ALL_DATA') return this.views.of(await this.executions.wait(...waiting));
    return this.views.of(await this.executions.waitBare(...waiting));
  }

  @Post(':id/stop')
  @Operation({ summary: 'Ends a running execution and kills what it runs', answer: executionView })
  async stop(
    @Namespace() namespace: string,
    @Param('id', { schema: uuid }) id: string,
    @Body({ schema: stopExecution }) { error, cause }: StopExecution,
  ) {
    const failure = { ...(error !== undefined && { error }), ...(cause !== undefined && { cause }) };
    return this.views.of(await this.executions.stop(namespace, id, failure));
  }

  @Get(':id/history')
  @Operation({
    summary: 'Lists what happened in an execution, oldest first, or newest first',
    description: 'Pages go on behind the last event of the one before: `after` it, or in reverse order `before` it.',
    answer: historyList,
  })
  async history(
    @Namespace() namespace: string,
    @Param('id', { schema: uuid }) id: string,
    @Query({ schema: historyQuery }) { after, before, limit, reverseOrder, includeExecutionData }: HistoryQuery,
  ) {
    const found = reverseOrder
      ? await this.executions.listHistoryBackwards(namespace, id, before, limit)
      : await this.executions.listHistory(namespace, id, after, limit);
    const items = this.histories.of(id, found);
    return { items: includeExecutionData ? items : items.map(withoutData) };
  }

  @Get(':id/events')
  @Operation({
    summary: 'Follows an execution live, as server-sent events',
    description:
      'Sends `history` events (with their ids), `invocation` with each change of a run of a function, its progress too, `progress` of the execution as a whole, and `execution` when the status changes. After the execution has ended, the stream ends. `Last-Event-ID` goes on behind a history event.',
    answer: z.string(),
    contentType: 'text/event-stream',
  })
  async events(
    @Namespace() namespace: string,
    @Param('id', { schema: uuid }) id: string,
    @Headers('last-event-id') lastEventId: string | undefined,
    @Held() { reply, signal }: HeldCall,
  ): Promise<Readable> {
    await this.executions.get(namespace, id);
    const after = /^\d{1,9}$/.test(lastEventId ?? '') ? Number(lastEventId) : 0;
    return sendEvents(reply, this.stream.follow({ namespace, id, after, signal }), signal);
  }
}
