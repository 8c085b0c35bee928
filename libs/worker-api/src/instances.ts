import { z } from 'zod';

export const instanceStates = ['starting', 'busy', 'idle', 'template'] as const;

/**
 * A process of a function at an executor: while it starts, serves, or waits for the next task (it is warm then). A template
 * is nobody's yet: a runtime that is up, and will be the instance of whoever needs one first.
 */
export const instance = z.object({
  id: z.uuid(),
  namespace: z.string().meta({ description: 'Whose tasks it serves' }),
  function: z.string(),
  version: z.number().int(),
  /** Of the version; a name and a number may come again after a function was deleted. */
  versionId: z.uuid().optional(),
  runtime: z.string(),
  state: z.enum(instanceStates),
  ageMs: z.number().int().min(0),
  /** Since when it waits. */
  idleMs: z.number().int().min(0).optional(),
  requests: z.number().int().min(0).meta({ description: 'Tasks it was given so far' }),
  memoryMb: z.number().int().meta({ description: 'What it may use' }),
  memoryBytes: z.number().optional().meta({ description: 'What it uses now' }),
  cpuMs: z.number().optional(),
  readBytes: z.number().optional(),
  writtenBytes: z.number().optional(),
  /** What it serves. */
  tasks: z.array(z.uuid()).max(256),
  lastError: z.string().max(256).optional(),
});
export type Instance = z.infer<typeof instance>;
