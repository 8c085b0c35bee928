import { AppError } from '@app/common';
import type { Execution } from './execution.js';

export class ExecutionNotFound extends AppError {
  readonly kind = 'not_found';
  readonly code = 'execution_not_found';

  constructor(id: string) {
    super(`There is no execution ${id}`, { id });
  }

  /** For use after `??`. */
  static raise(id: string): never {
    throw new ExecutionNotFound(id);
  }
}

export class HistoryDetailNotFound extends AppError {
  readonly kind = 'not_found';
  readonly code = 'history_detail_not_found';

  constructor(id: string, event: number, name: string) {
    super(`The history of the execution ${id} has no ${name} at event ${event}`, { id, event, name });
  }

  /** For use after `??`. */
  static raise(id: string, event: number, name: string): never {
    throw new HistoryDetailNotFound(id, event, name);
  }
}

/** AWS' ExecutionAlreadyExists. */
export class ExecutionAlreadyExists extends AppError {
  readonly kind = 'conflict';
  readonly code = 'execution_already_exists';

  constructor({ workflow, name, id, status }: Pick<Execution, 'workflow' | 'name' | 'id' | 'status'>) {
    const why = status === 'RUNNING' ? 'with another input' : 'that has ended';
    super(`The workflow ${workflow} has an execution named ${name} ${why}: ${id}`, { workflow, name, id });
  }
}

export class ExecutionInputTooLarge extends AppError {
  readonly kind = 'too_large';
  readonly code = 'execution_input_too_large';

  constructor(maxBytes: number) {
    super(`The input is longer than the ${maxBytes} bytes that are allowed`, { maxBytes });
  }
}
