import type { Readable } from 'node:stream';
import { InvocationsService } from '@app/engine';
import { Controller, Get, Headers, Param } from '@nestjs/common';
import { z } from 'zod';
import { Operation } from '../openapi/operation.decorator.js';
import { Held, type HeldCall, Namespace } from '../shell/caller.decorator.js';
import { uuid } from '../shell/names.js';
import { sendEvents } from '../shell/server-sent-events.js';
import { LogStream } from './log.stream.js';

@Controller('v1/invocations')
export class InvocationLogsController {
  constructor(
    private readonly invocations: InvocationsService,
    private readonly stream: LogStream,
  ) {}

  @Get(':id/logs/events')
  @Operation({
    summary: 'Follows what it writes to stdout and stderr, as server-sent events',
    description:
      'Sends a `line` for each that there is and then for each that comes, with its id; after the run has ended, `end` with its status. `Last-Event-ID` goes on behind a line.',
    answer: z.string(),
    contentType: 'text/event-stream',
  })
  async events(
    @Namespace() namespace: string,
    @Param('id', { schema: uuid }) id: string,
    @Headers('last-event-id') lastEventId: string | undefined,
    @Held() { reply, signal }: HeldCall,
  ): Promise<Readable> {
    await this.invocations.get(namespace, id);
    const after = /^\d{1,18}$/.test(lastEventId ?? '') ? (lastEventId ?? '0') : '0';
    return sendEvents(reply, this.stream.follow({ namespace, id, after, signal }), signal);
  }
}
