import type { FunctionRun, SandboxFolders } from '@app/sandbox';
import type { PlacedTask } from './placed-task.js';
import type { TaskTools } from './task-attempt.js';
import { pathsOf, tops } from './task-paths.js';

const MB = 1024 * 1024;

/** A task in the words of the sandbox, its files in place. */
export function functionRun(
  task: PlacedTask,
  folders: SandboxFolders,
  tools: Pick<TaskTools, 'sandbox' | 'folders' | 'graceMs'>,
): FunctionRun {
  const { id, attempt, payload, context, resources, timeoutSeconds } = task;
  const { name, version, runtime, environment, memoryMb } = task.function;
  const { handler, command, network, stallSeconds, instanceConcurrency: concurrency } = task.function;
  const { work } = tools.sandbox.view(folders);
  const maxBytes = diskBytesOf(task, tools);
  return {
    id,
    attempt,
    name,
    version,
    runtime,
    environment,
    memoryMb,
    payload,
    context,
    folders,
    inputs: pathsOf('inputs', tops(task.inputs), work),
    outputs: pathsOf('outputs', task.outputs, work),
    ...(handler !== undefined && { handler }),
    ...(command !== undefined && { command }),
    ...(network !== undefined && { network }),
    ...(concurrency !== undefined && { concurrency }),
    ...(stallSeconds !== undefined && { stallMs: stallSeconds * 1000 }),
    vcpu: resources.vcpu,
    ...(task.attached && { attached: task.attached }),
    ...(maxBytes !== undefined && { diskBytes: maxBytes }),
    timeoutMs: timeoutSeconds * 1000,
    graceMs: tools.graceMs,
  };
}

/** What its files may have together: what it asks for, or what all have that do not ask. */
export const diskBytesOf = (
  { resources: { diskMb } }: PlacedTask,
  { folders }: Pick<TaskTools, 'folders'>,
): number | undefined => (diskMb === undefined ? folders.maxBytes : diskMb * MB);
