import { randomUUID } from 'node:crypto';
import { functionRun } from '../tasks/function-run.js';
import type { PlacedTask } from '../tasks/placed-task.js';
import { startInstance } from '../warm/start-instance.js';
import type { Tools } from '../worker/tools.js';

/** One more instance of a version that has served here, with an empty folder of its own. */
export async function newInstance(tools: Tools, task: PlacedTask, signal: AbortSignal) {
  const { instances, folders: places } = tools;
  const id = randomUUID();
  const { codeDigest } = task.function;
  const code = codeDigest === undefined ? undefined : await tools.code.get(codeDigest, signal);
  const template = tools.warm.templates.take(task);
  const work = template?.work ?? (await places.create({ id, attempt: 1 }));
  const live = instances.add(task);
  try {
    const folders = { work, ...(code !== undefined && { code }) };
    const run = functionRun({ ...task, id, attempt: 1, inputs: [], outputs: [] }, folders, tools);
    const handler = await startInstance(tools, run, template);
    if ('failure' in handler) throw new Error(handler.failure.error);
    instances.bind(live, handler);
    return { handler, work };
  } catch (error) {
    instances.remove(live);
    await places.remove(work);
    throw error;
  }
}
