import { z } from 'zod';
import { variables } from '../shell/names.js';

const json = z.json();

const text = z.string().min(1).max(2_048);
const context = z
  .strictObject({
    Execution: z
      .strictObject({
        Id: text.optional(),
        Name: text.optional(),
        Input: json.optional(),
        RoleArn: text.optional(),
        StartTime: text.optional(),
      })
      .optional(),
    State: z
      .strictObject({
        Name: text.max(80).optional(),
        EnteredTime: text.optional(),
        RetryCount: z.int().min(0).max(1_000_000).optional(),
      })
      .optional(),
    StateMachine: z.strictObject({ Id: text.optional(), Name: text.optional() }).optional(),
    Task: z.strictObject({ Token: text.optional() }).optional(),
  })
  .meta({ description: 'Of the context object (`$$`), what is to be other than usual' });

const count = z.int().min(0).max(1_000_000);
const configuration = z
  .strictObject({
    retrierRetryCount: z
      .int()
      .min(0)
      .max(1_000)
      .optional()
      .meta({ description: 'Retries that the retrier of the mocked error has made already' }),
    mapIterationFailureCount: count.optional().meta({ description: 'Items of a distributed Map that have failed' }),
    mapItemReaderData: z
      .string()
      .max(16 * 1024 * 1024)
      .optional()
      .meta({ description: "The text that a distributed Map's ItemReader reads: JSON, JSON Lines or CSV" }),
    errorCausedByState: z
      .string()
      .min(1)
      .max(80)
      .optional()
      .meta({ description: 'The state inside of a Parallel or Map state that the mocked error is from' }),
  })
  .meta({ description: "As in AWS's TestState" });

const failure = z.strictObject({
  error: z.string().min(1).max(256),
  cause: z.string().max(32_768).default(''),
});

const fieldValidationMode = z
  .enum(['STRICT', 'PRESENT', 'NONE'], { error: 'must be STRICT, PRESENT or NONE' })
  .optional()
  .meta({
    description:
      'Whether the result must look like what the integration gives: STRICT, the default, all its required fields and types; PRESENT the types of those that are there; NONE nothing',
  });

export const testStateBody = z
  .strictObject({
    definition: z
      .record(z.string(), json)
      .meta({ description: 'A state, or with `stateName` a whole state machine, in Amazon States Language' }),
    stateName: z.string().min(1).max(80).optional(),
    input: json.default({}),
    variables: variables.optional(),
    mock: z
      .union([
        z.strictObject({ result: json, fieldValidationMode }),
        z.strictObject({ error: failure, fieldValidationMode }),
        z.strictObject({ errorOutput: failure, fieldValidationMode }).meta({ description: "AWS's name for `error`" }),
      ])
      .optional()
      .meta({ description: 'What the work of a Task, Parallel or Map state gives: nothing is run' }),
    retryCount: z.int().min(0).max(1_000).optional().meta({ description: 'Retries that have been made already' }),
    mapItem: z
      .strictObject({ index: z.int().min(0), value: json })
      .optional()
      .meta({ description: '`$$.Map.Item`, for a state inside an iteration' }),
    context: context.optional(),
    stateConfiguration: configuration.optional(),
    inspectionLevel: z
      .enum(['INFO', 'DEBUG', 'TRACE'], { error: 'must be INFO, DEBUG or TRACE' })
      .default('DEBUG')
      .meta({ description: 'INFO leaves `inspectionData` out; TRACE tells no more than DEBUG, as nothing is called' }),
  })
  .meta({ id: 'TestState' });
export type TestStateBody = z.output<typeof testStateBody>;

export const testStateResult = z
  .object({
    status: z.enum(['SUCCEEDED', 'FAILED', 'RETRIABLE', 'CAUGHT_ERROR']),
    output: json.optional(),
    error: z.string().optional(),
    cause: z.string().optional(),
    nextState: z.string().optional(),
    inspectionData: z
      .record(z.string(), json)
      .optional()
      .meta({ description: 'The data after each step: afterInputPath, afterParameters, result, …' }),
  })
  .meta({ id: 'TestStateResult' });
