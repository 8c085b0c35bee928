import { InvalidRequest, isStorable } from '@app/common';
import { type EventFilter, EventsService, type StoredEvent } from '@app/engine';
import { received } from '@app/events';
import { Controller, Get, Post, Query, Req, Res } from '@nestjs/common';
import { ApiBody, ApiConsumes } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { Operation } from '../openapi/operation.decorator.js';
import { Namespace } from '../shell/caller.decorator.js';
import { fromCursor, toPage } from '../shell/pages.js';
import { sendValue } from '../shell/send-value.js';
import { readCloudEvents } from './cloud-events.js';
import {
  cloudEventBody,
  eventName,
  type EventName,
  eventPage,
  type EventQuery,
  eventQuery,
  takenEvents,
  toEventView,
} from './events.dto.js';

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
  async list(@Namespace() namespace: string, @Query({ schema: eventQuery }) query: EventQuery) {
    const { limit, cursor, source, type } = query;
    const found = await this.events.list(namespace, { limit, source, type, before: placeIn(cursor) });
    return toPage(found, { limit, view: toEventView, placeOf });
  }

  @Get('events/data')
  @Operation({ summary: "One event's data alone: of more than 256 KiB it is left out of lists", answer: z.json() })
  async data(
    @Namespace() namespace: string,
    @Query({ schema: eventName }) { source, id }: EventName,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    await sendValue(reply, (await this.events.get(namespace, source, id)).data ?? null);
  }
}

const placeOf = (event: StoredEvent) => ({ at: event.receivedAt, id: JSON.stringify([event.source, event.id]) });
const attribute = z.string().refine(isStorable);
const identity = z.tuple([attribute, attribute]);

/** Many events may come within a millisecond, so the place of one is its identity as well. */
function placeIn(cursor: string | undefined): EventFilter['before'] {
  const place = fromCursor(cursor, 'text');
  if (!place) return undefined;
  const [source, id] = parsed(place.id);
  return { at: place.at, source, id };
}

function parsed(text: string): z.output<typeof identity> {
  try {
    return identity.parse(JSON.parse(text));
  } catch {
    throw new InvalidRequest([{ pointer: '/query/cursor', message: 'must be the nextCursor of the page before' }]);
  }
}
