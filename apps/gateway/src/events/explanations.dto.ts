import { newTrigger } from '@app/engine';
import { cloudEventSchema, eventPattern } from '@app/events';
import { z } from 'zod';

const rule = z
  .object({
    pointer: z.string().meta({ description: 'Where the rule stands in the trigger or pattern, as a JSON Pointer' }),
    field: z.string().meta({ description: 'The field of the event that it is about' }),
    expected: z.array(z.json()).meta({ description: 'Of these, one must hold' }),
    actual: z.array(z.json()).meta({ description: 'What the event has there; the first 10 of many' }),
    matched: z.boolean(),
    note: z.string().optional(),
  })
  .meta({ id: 'ExplainedRule' });

export const explanation = z
  .object({
    matched: z.boolean(),
    rules: z.array(rule),
    refusedBy: z.array(z.string()).optional().meta({ description: 'Where the rules stand that refuse it' }),
    transformed: z
      .object({ input: z.json(), executionName: z.string().optional() })
      .optional()
      .meta({ description: 'What the target is given, if the event matches' }),
    failure: z
      .object({ error: z.string(), cause: z.string() })
      .optional()
      .meta({ description: 'Why that cannot be made of the event: it goes to the dead letters' }),
    waits: z
      .object({
        for: z.enum(['retry', 'settle']),
        attempts: z.int(),
        dueAt: z.iso.datetime(),
        error: z.string().nullable(),
        cause: z.string().nullable(),
      })
      .optional()
      .meta({
        description:
          'Of a stored event that has not started yet: it failed and is tried again, or its object must settle',
      }),
    warnings: z.array(z.object({ pointer: z.string(), message: z.string() })).optional(),
    started: z.object({ targetKind: z.enum(['workflow', 'function']), targetId: z.string() }).optional(),
  })
  .meta({ id: 'Explanation', description: 'Why an event matches or does not: it matches if every rule does' });

const identity = z.strictObject({ source: z.string().min(1).max(2_048), id: z.string().min(1).max(4_096) });
export const explainRequest = z
  .union([z.strictObject({ event: cloudEventSchema }), z.strictObject({ stored: identity })], {
    error: 'must be either {"event": CLOUDEVENT} or {"stored": {"source": …, "id": …}}',
  })
  .meta({ id: 'ExplainRequest', description: 'An event that might come, or one that came' });
export type ExplainRequest = z.output<typeof explainRequest>;

export const patternTest = z
  .strictObject({ pattern: eventPattern, event: z.json().meta({ description: 'Any JSON' }) })
  .meta({ id: 'PatternTest' });
export type PatternTest = z.output<typeof patternTest>;

export const triggerTest = z
  .strictObject({ trigger: newTrigger, event: cloudEventSchema })
  .meta({ id: 'TriggerTest', description: 'A trigger that need not be there, and an event that might come' });
export type TriggerTest = z.output<typeof triggerTest>;
