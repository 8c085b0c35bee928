import { EventsService } from '@app/engine';
import { Controller, Get, Query } from '@nestjs/common';
import { Operation } from '../openapi/operation.decorator.js';
import { Namespace } from '../shell/caller.decorator.js';
import { fromCursor, toPage } from '../shell/pages.js';
import {
  deadLetterList,
  type DeadLetterQuery,
  deadLetterQuery,
  eventPage,
  type EventQuery,
  eventQuery,
  toEventView,
} from './events.dto.js';

@Controller('v1')
export class EventsController {
  constructor(private readonly events: EventsService) {}

  @Get('events')
  @Operation({ summary: 'Lists events, newest first, with what they started', answer: eventPage })
  async list(@Namespace() namespace: string, @Query({ schema: eventQuery }) { limit, cursor }: EventQuery) {
    const found = await this.events.list(namespace, fromCursor(cursor)?.at, limit);
    return toPage(found, { limit, view: toEventView, placeOf: ({ receivedAt: at, id }) => ({ at, id }) });
  }

  @Get('dead-letters')
  @Operation({ summary: 'Lists what could not be handled, newest first', answer: deadLetterList })
  async deadLetters(@Namespace() namespace: string, @Query({ schema: deadLetterQuery }) { limit }: DeadLetterQuery) {
    const found = await this.events.listDeadLetters(namespace, limit);
    return { items: found.map((letter) => ({ ...letter, createdAt: letter.createdAt.toISOString() })) };
  }
}
