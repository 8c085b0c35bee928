import type { Activity, ActivityTask } from '@app/engine';
import { z } from 'zod';
import { uuid } from '../shell/names.js';
import { listOf } from '../shell/pages.js';

/** AWS' rule for names of activities. */
export const activityName = z
  .string()
  .regex(
    /^[^\s:<>{}[\]?*"#%\\^|~`$&,;/]{1,80}$/,
    'must have 1 to 80 characters, without spaces, control characters, or any of <>{}[]?*"#%\\^|~`$&,;:/',
  )
  // oxlint-disable-next-line no-control-regex
  .refine((text) => !/[\u0000-\u001f\u007f-\u009f]/.test(text), 'must not have control characters')
  .meta({ description: 'Its name' });

export const newActivity = z.strictObject({ name: activityName }).meta({ id: 'NewActivity' });
export type NewActivity = z.output<typeof newActivity>;

export const activityView = z
  .object({
    name: z.string(),
    resource: z.string().meta({ description: 'What a Task state names it by' }),
    queued: z.int().meta({ description: 'Tasks that wait for a worker' }),
    running: z.int().meta({ description: 'Tasks that workers have' }),
    createdAt: z.iso.datetime(),
  })
  .meta({ id: 'Activity' });
export const activityList = listOf(activityView);

export const pollActivity = z
  .strictObject({
    workerName: z.string().max(80).optional().meta({ description: 'For the history of the execution' }),
    maxTasks: z.int().min(1).max(1_000).default(1).meta({ description: 'How many tasks to take at most' }),
    waitSeconds: z
      .number()
      .min(0)
      .max(60)
      .default(60)
      .meta({ description: 'How long to wait for the first task; then the list is empty' }),
  })
  .default({ maxTasks: 1, waitSeconds: 60 })
  .meta({ id: 'PollActivity' });
export type PollActivity = z.output<typeof pollActivity>;

export const activityTasks = z
  .object({
    tasks: z.array(
      z
        .object({
          taskToken: z.string().meta({ description: 'Answers for the task: a secret of whoever works on it' }),
          input: z.json(),
          executionId: uuid.optional(),
          stateName: z.string().optional(),
          heartbeatSeconds: z
            .number()
            .optional()
            .meta({ description: 'Without a heartbeat for so long, the task is lost' }),
        })
        .meta({ id: 'ActivityTask' }),
    ),
  })
  .meta({ id: 'ActivityTasks' });

export const toActivityView = ({ name, queued, running, createdAt }: Activity) => ({
  name,
  resource: `activity:${name}`,
  queued,
  running,
  createdAt: createdAt.toISOString(),
});

export const toActivityTask = ({ token, task }: ActivityTask) => ({
  taskToken: token,
  input: task.payload,
  ...(task.waiter && { executionId: task.waiter.executionId }),
  ...(task.stateName !== undefined && { stateName: task.stateName }),
  ...(task.heartbeatSeconds !== undefined && { heartbeatSeconds: task.heartbeatSeconds }),
});
