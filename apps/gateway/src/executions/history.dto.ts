import type { StoredHistoryEvent } from '@app/engine';
import { z } from 'zod';
import { limit } from '../shell/pages.js';
import { leftOut } from './large-value.js';

const eventId = z.coerce.number().int().min(0).max(2_147_483_647);
const flag = (byDefault: 'true' | 'false') =>
  z
    .enum(['true', 'false'], { error: 'must be true or false' })
    .default(byDefault)
    .transform((text) => text === 'true');

export const historyQuery = z
  .object({
    after: eventId.default(0).meta({ description: 'Only events behind this id; not with `reverseOrder`' }),
    before: eventId.optional().meta({ description: 'With `reverseOrder`: only events before this id' }),
    reverseOrder: flag('false').meta({ description: 'The newest first' }),
    includeExecutionData: flag('true').meta({ description: 'Whether inputs, outputs and variables are told, too' }),
    limit: limit(500, 5_000),
  })
  .refine(({ after, reverseOrder }) => !(reverseOrder && after > 0), {
    path: ['after'],
    error: 'must not be given with reverseOrder: that goes on with before',
  })
  .refine(({ before, reverseOrder }) => reverseOrder || before === undefined, {
    path: ['before'],
    error: 'is only for reverseOrder',
  });
export type HistoryQuery = z.output<typeof historyQuery>;

export const historyEvent = z
  .object({
    id: z.int(),
    previousEventId: z.int().meta({
      description:
        'The event that it follows on its line of control, as AWS tells it: a branch or an iteration begins at the event that started it, and the state around it goes on from the one that ended last. 0 if it follows none',
    }),
    type: z.string().meta({ description: "AWS Step Functions' event types" }),
    at: z.iso.datetime(),
    frameId: z.int().meta({ description: 'The line of control: 0 is the root, others are branches and iterations' }),
    details: z.record(z.string(), z.json()).meta({
      description:
        'As AWS names them; inputs, outputs and parameters are JSON, where AWS gives them as text. A value of more than 256 KiB is left out; `inputDetails` instead of `input` say where it is, and so on',
    }),
  })
  .meta({ id: 'HistoryEvent' });
export const historyList = z.object({ items: z.array(historyEvent) });

export type HistoryEventView = z.output<typeof historyEvent>;

export interface HistoryPlace {
  readonly executionId: string;
  /** It is no fact of the event but of the installation, so it is not stored with each. */
  readonly region: string;
}

export const toHistoryEvent =
  ({ executionId, region }: HistoryPlace) =>
  ({ id, previous, type, at, frameId, details, refs = {} }: StoredHistoryEvent): HistoryEventView => {
    const elsewhere = Object.entries(refs).map(([detail, { bytes }]) => {
      const href = `/v1/executions/${executionId}/history/${id}/${detail}`;
      return [`${detail}Details`, leftOut(bytes, href)] as const;
    });
    return {
      id,
      previousEventId: previous,
      type,
      at: at.toISOString(),
      frameId,
      details: {
        ...(details as object),
        ...(type === 'TaskScheduled' && { region }),
        ...Object.fromEntries(elsewhere),
      },
    };
  };

const DATA = /^(input|output|parameters|assignedVariables)(Details)?$/;

/** As AWS gives an event where the data are not asked for. */
export const withoutData = <Event extends { readonly details: object }>(event: Event): Event => ({
  ...event,
  details: Object.fromEntries(Object.entries(event.details).filter(([detail]) => !DATA.test(detail))),
});
