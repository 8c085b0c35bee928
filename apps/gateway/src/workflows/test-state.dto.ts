import { z } from 'zod';

const json = z.json();

export const testStateBody = z
  .strictObject({
    definition: z
      .record(z.string(), json)
      .meta({ description: 'A state, or with `stateName` a whole state machine, in Amazon States Language' }),
    stateName: z.string().min(1).max(80).optional(),
    input: json.default({}),
    variables: z.record(z.string(), json).optional(),
    mock: z
      .union([
        z.strictObject({ result: json }),
        z.strictObject({
          error: z.strictObject({ error: z.string().min(1).max(256), cause: z.string().max(32_768).default('') }),
        }),
      ])
      .optional()
      .meta({ description: 'What the work of a Task, Parallel or Map state gives: nothing is run' }),
    retryCount: z.int().min(0).max(1_000).optional().meta({ description: 'Retries that have been made already' }),
    mapItem: z
      .strictObject({ index: z.int().min(0), value: json })
      .optional()
      .meta({ description: '`$$.Map.Item`, for a state inside an iteration' }),
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
      .meta({ description: 'The data after each step: afterInputPath, afterParameters, result, …' }),
  })
  .meta({ id: 'TestStateResult' });
