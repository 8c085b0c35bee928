import type { ExecutorRecord, HeldTask } from '@app/engine';
import { abilities, inputCache, type Instance, instance, instanceStates, progress, resources } from '@app/worker-api';
import { z } from 'zod';
import { uuid } from '../shell/names.js';
import { listOf } from '../shell/pages.js';

const states = ['active', 'draining', 'left'] as const;

const facts = {
  id: z.string(),
  name: z.string(),
  labels: z.array(z.string()),
  state: z.enum(states).meta({ description: 'A draining one takes no more; one that has left said so' }),
  capacity: resources,
  abilities: abilities.meta({ description: 'What it has found out of its machine: GPUs, codecs that have worked' }),
  free: resources.optional().meta({ description: 'What no task holds; warm instances give way to tasks' }),
  inputCache: inputCache
    .optional()
    .meta({ description: 'What it keeps of the inputs of tasks, for the next that reads them' }),
  reservedFor: uuid.optional().meta({ description: 'A task that has waited long: what it needs is kept free for it' }),
  version: z.string(),
  running: z.int().meta({ description: 'Tasks it holds' }),
  instanceCounts: z.record(z.enum(instanceStates), z.int()),
  registeredAt: z.iso.datetime(),
  seenAt: z.iso.datetime(),
};
export const executorList = listOf(z.object(facts).meta({ id: 'Executor' }));

export const instanceView = instance
  .extend({ executor: z.string(), executorId: z.string() })
  .meta({ id: 'FunctionInstance' });
export type InstanceView = z.input<typeof instanceView>;
export const instanceList = listOf(instanceView);

const heldTask = z.object({
  id: uuid,
  attempt: z.int(),
  function: z.string(),
  executionId: uuid.optional(),
  stateName: z.string().optional(),
  progress: progress.optional(),
  startedAt: z.iso.datetime(),
});

export const executorDetails = z
  .object({
    ...facts,
    instances: z.array(instanceView).meta({ description: 'Those that serve your namespace' }),
    tasks: z.array(heldTask).meta({ description: 'Those of your namespace' }),
  })
  .meta({ id: 'ExecutorDetails' });

export const instanceQuery = z.strictObject({
  function: z.string().max(64).optional(),
  executor: z.string().max(200).optional().meta({ description: 'Its name or id' }),
  state: z.enum(instanceStates, { error: `must be one of ${instanceStates.join(', ')}` }).optional(),
});
export type InstanceQuery = z.output<typeof instanceQuery>;

export function toExecutor(record: ExecutorRecord) {
  const {
    registeredAt,
    seenAt,
    drainingAt,
    leftAt,
    free,
    instances,
    inputCache: kept,
    reservedFor,
    ...executor
  } = record;
  const count = (state: Instance['state']): number => instances.filter((one) => one.state === state).length;
  return {
    ...executor,
    state: leftAt ? ('left' as const) : drainingAt ? ('draining' as const) : ('active' as const),
    ...(free && { free }),
    ...(kept && { inputCache: kept }),
    ...(reservedFor && { reservedFor }),
    instanceCounts: {
      starting: count('starting'),
      busy: count('busy'),
      idle: count('idle'),
      template: count('template'),
    },
    registeredAt: registeredAt.toISOString(),
    seenAt: seenAt.toISOString(),
  };
}

/** Only of the namespace: what others run is not to be seen. */
export const toInstances = ({ id, name, instances }: ExecutorRecord, namespace: string): InstanceView[] =>
  instances.filter((one) => one.namespace === namespace).map((one) => ({ ...one, executor: name, executorId: id }));

export const toHeldTask = (task: HeldTask) => ({
  id: task.id,
  attempt: task.attempt,
  function: task.function,
  ...(task.executionId && { executionId: task.executionId }),
  ...(task.stateName && { stateName: task.stateName }),
  ...(task.progress && { progress: task.progress }),
  startedAt: task.startedAt.toISOString(),
});

interface Holding {
  readonly executor: ExecutorRecord;
  readonly tasks: readonly HeldTask[];
}

/** As somebody of the namespace may see it. */
export const toDetails = ({ executor, tasks }: Holding, namespace: string) => ({
  ...toExecutor(executor),
  instances: toInstances(executor, namespace),
  tasks: tasks.map(toHeldTask),
});

/** What changes by itself, such as ages, is none. */
export const news = (details: ReturnType<typeof toDetails>) => ({
  ...details,
  seenAt: '',
  instances: details.instances.map((one) => ({ ...one, ageMs: 0, idleMs: 0 })),
});
