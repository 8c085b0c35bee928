import { aliasName, type Execution, isRedrivable } from '@app/engine';
import { z } from 'zod';
import { name, uuid, variables } from '../shell/names.js';
import { largeValue, leftOut } from './large-value.js';
import { cursor, limit, pageOf } from '../shell/pages.js';

export const executionStatuses = ['RUNNING', 'SUCCEEDED', 'FAILED', 'ABORTED', 'TIMED_OUT'] as const;

const executionProgress = z
  .object({
    percent: z.number().meta({
      description:
        'What has ended of the tasks, and of those that run what they say, weighed by the last execution that succeeded',
    }),
    etaSeconds: z.number().optional(),
    tasks: z.object({ ended: z.int(), running: z.int(), waiting: z.int() }),
  })
  .meta({ id: 'ExecutionProgress' });

export const executionView = z
  .object({
    id: uuid,
    name: z.string(),
    workflow: z.string(),
    version: z.int(),
    alias: z.string().optional().meta({ description: 'What it was started with' }),
    status: z.enum(executionStatuses),
    input: z.json().optional().meta({ description: 'Absent where `inputDetails` say where it is' }),
    inputDetails: largeValue.optional(),
    output: z.json().optional(),
    outputDetails: largeValue.optional(),
    error: z.string().optional(),
    cause: z.string().optional(),
    trigger: z
      .string()
      .optional()
      .meta({ description: 'The trigger that started it; its id, if it was deleted since' }),
    event: z.object({ source: z.string(), id: z.string() }).optional(),
    mapRun: z
      .object({ id: uuid, index: z.int() })
      .optional()
      .meta({ description: 'The map run that it is a child of, and its place in it' }),
    rerunOf: uuid.optional().meta({ description: 'The execution at whose state it began' }),
    redriveCount: z.int(),
    redriveStatus: z.enum(['REDRIVABLE', 'NOT_REDRIVABLE']),
    redrivenAt: z.iso.datetime().optional(),
    parent: uuid.optional().meta({ description: 'The execution whose state started this one' }),
    progress: executionProgress.optional().meta({ description: 'While it runs; only where one execution is shown' }),
    startedAt: z.iso.datetime(),
    endedAt: z.iso.datetime().optional(),
  })
  .meta({ id: 'Execution' });
export type ExecutionView = z.input<typeof executionView>;
export const executionPage = pageOf(executionView);

const nameOfExecution = z
  .string()
  .regex(/^[A-Za-z0-9._-]{1,80}$/, 'must have 1 to 80 letters, digits, ".", "_" or "-"');

export const startExecution = z
  .strictObject({
    name: nameOfExecution.optional().meta({
      description: 'Makes the start safe to repeat: while it runs, the same name and input is the same execution',
    }),
    input: z.json().default({}),
    version: z.int().min(1).max(2_147_483_647).optional().meta({ description: 'The latest by default' }),
    alias: aliasName.optional().meta({ description: 'Chooses the version by its weights' }),
  })
  .refine(({ version, alias }) => version === undefined || alias === undefined, {
    path: ['alias'],
    error: 'must not be given together with version',
  })
  .default({ input: {} })
  .meta({ id: 'StartExecution' });
export type StartExecution = z.output<typeof startExecution>;

export const rerunExecution = z
  .strictObject({
    from: z.string().min(1).max(80).meta({ description: 'A state of the workflow, not of a branch or iteration' }),
    input: z.json().optional().meta({ description: 'What the state had, if not given' }),
    variables: variables.optional(),
    name: nameOfExecution.optional(),
  })
  .meta({ id: 'RerunExecution' });
export type RerunExecution = z.output<typeof rerunExecution>;

export const stopExecution = z
  .strictObject({ error: z.string().max(256).optional(), cause: z.string().max(32_768).optional() })
  .default({})
  .meta({ id: 'StopExecution' });
export type StopExecution = z.output<typeof stopExecution>;

const time = z.iso
  .datetime({ offset: true, error: 'must be a time like 2026-01-31T12:00:00Z' })
  .transform((text) => new Date(text));

export const executionQuery = z.object({
  workflow: name.optional(),
  trigger: name.optional().meta({ description: 'The trigger that started it' }),
  parent: uuid.optional().meta({ description: 'The execution that started it as a child workflow' }),
  mapRun: uuid
    .optional()
    .meta({ description: 'The map run that it is a child of; without this, such children are left out' }),
  namePrefix: z.string().min(1).max(80).optional(),
  startedAfter: time.optional().meta({ description: 'Started then or later' }),
  startedBefore: time.optional(),
  status: z.enum(executionStatuses, { error: `must be one of ${executionStatuses.join(', ')}` }).optional(),
  limit: limit(50, 500),
  cursor,
});
export type ExecutionQuery = z.output<typeof executionQuery>;

export const waitQuery = z.object({
  wait: z.coerce
    .number()
    .min(0)
    .max(60)
    .default(0)
    .meta({ description: 'Seconds to hold the answer back while the execution runs' }),
  includedData: z
    .enum(['ALL_DATA', 'NO_LARGE_DATA'], { error: 'must be ALL_DATA or NO_LARGE_DATA' })
    .default('ALL_DATA')
    .meta({ description: 'NO_LARGE_DATA leaves out values of more than 256 KiB, and says where they are' }),
});
export type WaitQuery = z.output<typeof waitQuery>;

export const startQuery = z.object({
  wait: z.coerce
    .number()
    .min(0)
    .max(300)
    .default(0)
    .meta({ description: 'Seconds to hold the answer back until the execution has ended' }),
});
export type StartQuery = z.output<typeof startQuery>;

export function toExecutionView(execution: Execution, triggers: ReadonlyMap<string, string>): ExecutionView {
  const { id, name: executionName, workflow, version, status, input, output, error, cause, startedBy } = execution;
  const { alias, mapRun, rerunOf, redriveCount, redrivenAt, refs } = execution;
  const isInputElsewhere = refs?.input !== undefined && input === null;
  const isOutputElsewhere = refs?.output !== undefined && output === null;
  return {
    id,
    name: executionName,
    workflow,
    version,
    ...(alias !== undefined && { alias }),
    status,
    ...(isInputElsewhere ? { inputDetails: leftOut(refs.input.bytes, `/v1/executions/${id}/input`) } : { input }),
    ...(status === 'SUCCEEDED' &&
      (isOutputElsewhere
        ? { outputDetails: leftOut(refs.output.bytes, `/v1/executions/${id}/output`) }
        : { output: output ?? null })),
    ...(error && { error }),
    ...(cause && { cause }),
    ...(startedBy && {
      trigger: triggers.get(startedBy.triggerId) ?? startedBy.triggerId,
      event: { source: startedBy.eventSource, id: startedBy.eventId },
    }),
    ...(mapRun && { mapRun }),
    ...(rerunOf !== undefined && { rerunOf }),
    redriveCount,
    redriveStatus: isRedrivable(execution) ? 'REDRIVABLE' : 'NOT_REDRIVABLE',
    ...(redrivenAt && { redrivenAt: redrivenAt.toISOString() }),
    ...(execution.parent && { parent: execution.parent.executionId }),
    startedAt: execution.startedAt.toISOString(),
    ...(execution.endedAt && { endedAt: execution.endedAt.toISOString() }),
  };
}
