import { entityName } from '@app/engine';
import { z } from 'zod';
import { largeValue } from '../executions/large-value.js';
import { cursor, limit, pageOf } from '../shell/pages.js';
import { started } from './events.dto.js';

export const deadLetter = z
  .object({
    id: z.string(),
    kind: z.string().meta({
      description:
        '`event`: a trigger could not start it. `notification`: a store sent what cannot be read. `invocation`: an asynchronous one failed as often as it may. `destination`: could not be told how one ended',
    }),
    payload: z.json().meta({ description: 'In lists null stands for what `payloadDetails` say the place of' }),
    payloadDetails: largeValue.optional(),
    error: z.string(),
    cause: z.string(),
    attempts: z.int(),
    createdAt: z.iso.datetime(),
    redrivenAt: z.iso.datetime().nullable(),
  })
  .meta({ id: 'DeadLetter', description: 'What could not be handled, and why' });
export const deadLetterPage = pageOf(deadLetter);
export const deadLetterQuery = z.object({
  limit: limit(50, 500),
  cursor,
  trigger: entityName.optional().meta({ description: 'Only those of this trigger' }),
});
export type DeadLetterQuery = z.output<typeof deadLetterQuery>;

export const redriven = z
  .object({ started: started.optional() })
  .meta({ id: 'Redriven', description: 'What was started; nothing, if it failed again' });

export const redriveAll = z
  .strictObject({ trigger: entityName, limit: z.int().min(1).max(1_000).default(100) })
  .meta({ id: 'RedriveAll' });
export type RedriveAll = z.output<typeof redriveAll>;
export const redrivenCount = z.object({ redriven: z.int() }).meta({ id: 'RedrivenCount' });

export const replay = z
  .strictObject({
    source: z.string().min(1).max(2_048),
    id: z.string().min(1).max(4_096),
    trigger: entityName.optional().meta({ description: 'Only to this trigger; else to all that match' }),
  })
  .meta({ id: 'Replay', description: 'An event that came' });
export type Replay = z.output<typeof replay>;
export const replayed = z
  .object({
    id: z.string().meta({ description: 'Of the new event' }),
    duplicate: z.boolean(),
    started: z.array(started),
  })
  .meta({ id: 'Replayed' });
