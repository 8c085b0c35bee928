import type { StoredEvent } from '@app/engine';
import { cloudEventSchema } from '@app/events';
import { z } from 'zod';
import { largeValue, leftOut } from '../executions/large-value.js';
import { toJsonSchema } from '../openapi/json-schema.js';
import { cursor, limit, listOf, pageOf } from '../shell/pages.js';

export const started = z.object({
  trigger: z.string(),
  targetKind: z.enum(['workflow', 'function']),
  targetId: z.string(),
});

export const eventView = z
  .object({
    specversion: z.literal('1.0'),
    source: z.string(),
    id: z.string(),
    type: z.string(),
    subject: z.string().optional(),
    time: z.iso.datetime(),
    data: z.json().optional().meta({ description: 'Absent where `dataDetails` say where it is' }),
    dataDetails: largeValue.optional(),
    receivedAt: z.iso.datetime(),
    started: z.array(started),
  })
  .meta({ id: 'Event', description: 'A CloudEvent, and what it started' });
export const cloudEventBody = toJsonSchema(cloudEventSchema, 'input').components['CloudEvent'] ?? {};

export const takenEvents = listOf(
  z.object({
    source: z.string(),
    id: z.string(),
    duplicate: z.boolean().meta({ description: 'It was here before, so nothing was done' }),
    started: z.array(started),
  }),
);
export const eventPage = pageOf(eventView);

const attribute = z.string().min(1).max(2_048).optional();
export const eventQuery = z.object({
  limit: limit(50, 500),
  cursor,
  source: attribute.meta({ description: 'Only events of this source, such as `/objects/uploads`' }),
  type: attribute.meta({ description: 'Only events of this type' }),
});
export type EventQuery = z.output<typeof eventQuery>;

export const toEventView = ({ dataRef, data, receivedAt, ...event }: StoredEvent) => ({
  ...event,
  ...(dataRef ? { dataDetails: leftOut(dataRef.bytes, dataHref(event)) } : { data }),
  receivedAt: receivedAt.toISOString(),
});

const dataHref = ({ source, id }: Pick<StoredEvent, 'source' | 'id'>): string =>
  `/v1/events/data?${new URLSearchParams({ source, id })}`;

export const eventName = z.object({ source: z.string().min(1).max(2_048), id: z.string().min(1).max(4_096) });
export type EventName = z.output<typeof eventName>;
