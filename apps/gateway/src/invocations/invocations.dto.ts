import type { FunctionVersion, LogLine, Wait } from '@app/engine';
import { progress, usage } from '@app/worker-api';
import { z } from 'zod';
import { cursor, limit, listOf, pageOf } from '../shell/pages.js';
import { largeValue } from '../executions/large-value.js';
import { uuid } from '../shell/names.js';

export const invocationStatuses = [
  'QUEUED',
  'RUNNING',
  'PUBLISHING',
  'SUCCEEDED',
  'FAILED',
  'TIMED_OUT',
  'CANCELLED',
] as const;

const wait = z
  .object({
    since: z.iso.datetime(),
    ahead: z.int().meta({ description: 'Tasks of the same function that come before it, counted to 10,000' }),
    reasons: z.array(z.object({ code: z.string(), message: z.string() })),
  })
  .meta({ id: 'Wait' });

export const toWait = ({ since, ahead, reasons }: Wait): z.input<typeof wait> => ({
  since: since.toISOString(),
  ahead,
  reasons: [...reasons],
});

export const invocationView = z
  .object({
    id: uuid,
    function: z.string(),
    version: z.int().optional(),
    executionId: uuid.optional(),
    stateName: z.string().optional(),
    frameId: z.int().optional(),
    status: z.enum(invocationStatuses),
    attempt: z.int().meta({ description: 'How often it was given to an executor' }),
    lane: z.enum(['fast', 'queue']).meta({ description: '`fast`: it went to a warm instance past the queue' }),
    input: z.json().optional().meta({ description: 'Absent where `inputDetails` say where it is' }),
    inputDetails: largeValue.optional(),
    output: z.json().optional(),
    outputDetails: largeValue.optional(),
    error: z.string().optional(),
    cause: z.string().optional(),
    progress: progress.optional(),
    usage: usage.optional(),
    outputs: z
      .array(
        z.object({
          name: z.string(),
          bucket: z.string().optional(),
          key: z.string().optional(),
          size: z.int(),
          contentType: z.string(),
          files: z.int().optional().meta({ description: 'How many, if the output is a folder' }),
        }),
      )
      .optional()
      .meta({ description: 'The objects it made' }),
    cachedFrom: z
      .object({ invocation: uuid, execution: uuid.optional(), savedCpuMs: z.number() })
      .optional()
      .meta({ description: 'It did not run: its result is that of this earlier run' }),
    executor: z.string().optional(),
    waiting: wait.optional().meta({ description: 'Of one that is asked for by its id: what it waits for' }),
    createdAt: z.iso.datetime(),
    startedAt: z.iso.datetime().optional(),
    endedAt: z.iso.datetime().optional(),
  })
  .meta({ id: 'Invocation' });
export type InvocationView = z.input<typeof invocationView>;
export const invocationPage = pageOf(invocationView);

/** What a function's caller gets: as little as needed. */
export const invocationResult = invocationView
  .pick({ id: true, status: true, output: true, error: true, cause: true })
  .meta({ id: 'InvocationResult' });

export const invocationQuery = z.object({
  execution: uuid.optional(),
  status: z.enum(invocationStatuses, { error: `must be one of ${invocationStatuses.join(', ')}` }).optional(),
  function: z.string().max(64).optional(),
  limit: limit(50, 500),
  cursor,
});
export type InvocationQuery = z.output<typeof invocationQuery>;

export const logQuery = z.object({
  after: z
    .string()
    .regex(/^\d{1,18}$/, 'must be the id of a line')
    .default('0')
    .meta({ description: 'Only lines behind this one' }),
  limit: limit(500, 5_000),
});
export type LogQuery = z.output<typeof logQuery>;

export const logLine = z
  .object({
    id: z.string(),
    at: z.iso.datetime(),
    attempt: z.int(),
    stream: z.enum(['stdout', 'stderr']),
    line: z.string(),
  })
  .meta({ id: 'LogLine' });
export const logList = listOf(logLine);

export const toLogLine = ({ id, attempt, stream, line, at }: LogLine): z.input<typeof logLine> => ({
  id: String(id),
  at: at.toISOString(),
  attempt,
  stream,
  line,
});

export type VersionOf = (versionId: string | undefined) => FunctionVersion | undefined;
