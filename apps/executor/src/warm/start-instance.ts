import { type Failure, type FunctionRun, HandlerInstance } from '@app/sandbox';
import { Logger } from '@nestjs/common';
import type { TaskTools } from '../tasks/task-attempt.js';
import type { HeldTemplate } from './templates.js';

/** An instance: what was a template, if that works, and one from nothing otherwise. */
export async function startInstance(
  { sandbox }: Pick<TaskTools, 'sandbox'>,
  run: FunctionRun,
  held?: HeldTemplate,
): Promise<HandlerInstance | { readonly failure: Failure }> {
  if (held) {
    try {
      return await held.template.become(run);
    } catch (error) {
      new Logger('Templates').debug(`A template was of no use to ${run.name}: ${String(error)}`);
      await held.template.end();
    }
  }
  return HandlerInstance.start(sandbox, run);
}
