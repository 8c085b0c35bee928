import type { TokenResult } from '@app/engine';
import { z } from 'zod';

const taskToken = z
  .string()
  .min(1, 'must not be empty')
  .max(2_048)
  .meta({ description: 'What the state, or the poll of the activity, has given' });
const output = z
  .json()
  .meta({ description: 'The result of the state: any JSON, at most SPOOL_MAX_PAYLOAD_BYTES (16 MiB by default)' });
const error = z.string().max(256).optional().meta({ description: 'What Retry and Catch match' });
const cause = z.string().max(32_768).optional();

export const taskHeartbeat = z.strictObject({ taskToken }).meta({ id: 'TaskHeartbeat' });
export type TaskHeartbeat = z.output<typeof taskHeartbeat>;

export const taskSuccess = z.strictObject({ taskToken, output }).meta({ id: 'TaskSuccess' });
export type TaskSuccess = z.output<typeof taskSuccess>;

export const taskFailure = z.strictObject({ taskToken, error, cause }).meta({ id: 'TaskFailure' });
export type TaskFailure = z.output<typeof taskFailure>;

/** Strict, so that a result is one thing or the other: what has an output cannot have an error too. */
export const taskResults = z
  .strictObject({
    results: z
      .array(z.union([taskSuccess, taskFailure], 'must have a taskToken and either an output, or an error and a cause'))
      .min(1, 'must have at least one result')
      .max(1_000, 'must not have more than 1000 results'),
  })
  .meta({ id: 'TaskResults' });
export type TaskResults = z.output<typeof taskResults>;

export const takenResults = z
  .object({
    results: z
      .array(
        z.union([
          z.object({ taken: z.literal(true) }),
          z.object({ taken: z.literal(false), code: z.string(), detail: z.string() }),
        ]),
      )
      .meta({ description: 'In the order of the request' }),
  })
  .meta({ id: 'TakenResults' });

export function toResult(given: TaskSuccess | TaskFailure): TokenResult {
  const { taskToken: token } = given;
  if ('output' in given) return { token, output: given.output };
  return {
    token,
    failure: {
      ...(given.error !== undefined && { error: given.error }),
      ...(given.cause !== undefined && { cause: given.cause }),
    },
  };
}
