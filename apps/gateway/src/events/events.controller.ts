import { EventsService } from '@app/engine';
import { received } from '@app/events';
import { Controller, Get, Post, Query, Req } from '@nestjs/common';
import { ApiBody, ApiConsumes } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { Operation } from '../openapi/operation.decorator.js';
import { Namespace } from '../shell/caller.decorator.js';
import { fromCursor, toPage } from '../shell/pages.js';
import { readCloudEvents } from './cloud-events.js';
import { cloudEventBody, eventPage, type EventQuery, eventQuery, takenEvents, toEventView } from './events.dto.js';

@Controller('v1')
export class EventsController {
  constructor(private readonly events: EventsService) {}

  @Post('events')
  @ApiConsumes('application/cloudevents+json', 'application/cloudevents-batch+json', 'application/json')
  @ApiBody({ schema: cloudEventBody as never })
  @Operation({
    summary: 'Takes CloudEvents in: structured, as a batch, or binary with the attributes in headers `ce-…`',
    description: 'When it answers, the events and what they start are stored. An event may come any number of times.',
    answer: takenEvents,
  })
  async take(@Namespace() namespace: string, @Req() request: FastifyRequest) {
    const now = new Date();
    const events = readCloudEvents(request).map((event) => received(event, now));
    const taken = await this.events.ingestAll(namespace, events);
    return { items: taken.map((one, index) => ({ source: events[index]?.source, id: events[index]?.id, ...one })) };
  }

  @Get('events')
  @Operation({ summary: 'Lists events, newest first, with what they started', answer: eventPage })
  async list(@Namespace() namespace: string, @Query({ schema: eventQuery }) { limit, cursor }: EventQuery) {
    const found = await this.events.list(namespace, fromCursor(cursor)?.at, limit);
    return toPage(found, { limit, view: toEventView, placeOf: ({ receivedAt: at, id }) => ({ at, id }) });
  }
}
