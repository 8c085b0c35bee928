import { z } from 'zod';
import { entityName } from '../catalogue/names.js';

/** Who is told of the end of an asynchronous invocation. */
export const callDestination = z
  .union([
    z.strictObject({ topic: z.string().min(1).max(249) }),
    z.strictObject({ function: entityName }),
    z.strictObject({ workflow: entityName }),
  ])
  .meta({ id: 'CallDestination', description: 'A topic, a function or a workflow' });
export type CallDestination = z.output<typeof callDestination>;

/** AWS Lambda's event invoke configuration, with its defaults, and what there is fixed. */
export const eventInvokeConfig = z
  .strictObject({
    maximumRetryAttempts: z
      .int()
      .min(0)
      .max(20)
      .default(2)
      .meta({ description: 'How often it is run again after it has failed' }),
    maximumEventAgeSeconds: z
      .int()
      .min(60)
      .max(604_800)
      .default(21_600)
      .meta({ description: 'Not begun, nor run again, when it was accepted longer ago' }),
    retryIntervalSeconds: z
      .number()
      .min(0.1)
      .max(3_600)
      .default(60)
      .meta({ description: 'Before it is run again the first time; doubled each time' }),
    deduplicationSeconds: z
      .int()
      .min(1)
      .max(604_800)
      .default(300)
      .meta({ description: 'How long a de-duplication key stands for the first invocation that had it' }),
    onSuccess: callDestination.optional(),
    onFailure: callDestination.optional().meta({ description: 'Without it, what failed goes to the dead letters' }),
  })
  .meta({ id: 'EventInvokeConfig' });
export type EventInvokeConfig = z.output<typeof eventInvokeConfig>;
