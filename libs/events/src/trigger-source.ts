import { z } from 'zod';
import { objectSource } from './object-source.js';
import { scheduleProblem } from './schedule-expression.js';
import { isTimeZone } from './time-zone.js';
import { topicSource } from './topic-source.js';
import { webhookSource } from './webhook-source.js';

const cronExpression = z.string({ error: 'must be a cron expression' }).superRefine((cron, context) => {
  const message = scheduleProblem(cron);
  if (message) context.addIssue({ code: 'custom', message });
});

const instant = z.iso.datetime({ offset: true, error: 'must be a time as in RFC 3339, such as 2026-01-31T09:30:00Z' });

export const scheduleSource = z
  .strictObject({
    cron: cronExpression.describe(
      '5 fields, or 6 with the second in front, a name such as "@daily", or cron(…), rate(…) or at(…) as in EventBridge',
    ),
    timezone: z
      .string({ error: 'must be the name of a time zone' })
      .refine(isTimeZone, { error: 'must be an IANA time zone, such as "Europe/Berlin"' })
      .default('UTC'),
    start: instant.optional().describe('No tick before it; a rate is counted from it'),
    end: instant.optional().describe('No tick after it'),
    jitterSeconds: z
      .number()
      .int()
      .min(1)
      .max(86_400)
      .optional()
      .describe('Each tick fires up to so much later, so that many schedules do not fire at once'),
    overlap: z
      .enum(['allow', 'skip', 'buffer', 'cancel'], { error: 'must be "allow", "skip", "buffer" or "cancel"' })
      .default('allow')
      .describe(
        'When what the tick before started still runs: start anyway, not at all, afterwards (one), or stop that',
      ),
    misfire: z
      .enum(['once', 'skip', 'all'], { error: 'must be "once", "skip" or "all"' })
      .default('once')
      .describe('Ticks that were missed while no router ran: one for all of them, none, or each within the window'),
    misfireWindowSeconds: z
      .number()
      .int()
      .min(1)
      .max(31_536_000)
      .default(86_400)
      .describe('How old a missed tick may be; of "all"'),
  })
  .refine(({ start, end }) => !start || !end || Date.parse(start) < Date.parse(end), {
    path: ['end'],
    error: 'must be later than the start',
  });

const attributes = z
  .array(z.string().min(1).max(2_048))
  .min(1, { error: 'must name at least one' })
  .max(100)
  .optional();

export const eventSource = z.strictObject({
  types: attributes.describe('Only events of these types'),
  sources: attributes.describe('Only events from these sources'),
});

export type EventSource = z.infer<typeof eventSource>;
export type ScheduleSource = z.infer<typeof scheduleSource>;

/** The schema of a trigger's `source`, by its kind. */
export const sourceSchemas = {
  object: objectSource,
  topic: topicSource,
  schedule: scheduleSource,
  event: eventSource,
  webhook: webhookSource,
} as const;

export const KINDS = 'must be "object", "topic", "schedule", "event" or "webhook"';

/** Where a trigger's events come from. */
export const triggerSource = z.discriminatedUnion(
  'kind',
  [
    z.object({ kind: z.literal('object'), source: objectSource }),
    z.object({ kind: z.literal('topic'), source: topicSource }),
    z.object({ kind: z.literal('schedule'), source: scheduleSource }),
    z.object({ kind: z.literal('event'), source: eventSource }),
    z.object({ kind: z.literal('webhook'), source: webhookSource }),
  ],
  { error: KINDS },
);
export type TriggerSource = z.infer<typeof triggerSource>;
export type TriggerKind = TriggerSource['kind'];
