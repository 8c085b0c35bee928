import { AppError } from '@app/common';

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

export class ExecutionNameTaken extends AppError {
  readonly kind = 'conflict';
  readonly code = 'execution_name_taken';

  constructor(workflow: string, name: string, id: string) {
    super(`The workflow ${workflow} has an execution named ${name} with another input`, { workflow, name, id });
  }
}

export class ExecutionInputTooLarge extends AppError {
  readonly kind = 'too_large';
  readonly code = 'execution_input_too_large';

  constructor(bytes: number, maxBytes: number) {
    super(`The input is ${bytes} bytes long; at most ${maxBytes} are allowed`, { bytes, maxBytes });
  }
}
