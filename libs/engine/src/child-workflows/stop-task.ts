import type { NewTask, Task } from '@app/queue';
import { v7 as uuid } from 'uuid';

/**
 * A task that waited for a child was cancelled: a router ends the child. Not in the transaction that cancels, which
 * holds the parent: whoever holds two executions could wait for another one that holds them the other way round.
 */
export const stopTask = ({ id, namespace, resource }: Task): NewTask => ({
  id: uuid(),
  namespace,
  kind: 'stop',
  resource,
  payload: { taskId: id },
  labels: [],
  memoryMb: 0,
  vcpu: 0,
  timeoutSeconds: 0,
  maxAttempts: 1_000,
});
