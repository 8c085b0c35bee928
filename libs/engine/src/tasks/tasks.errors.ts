import { AppError } from '@app/common';

/** The attempt is no longer the latest, or its task has ended: whatever it brings is refused. */
export class LeaseLost extends AppError {
  readonly kind = 'conflict';
  readonly code = 'lease_lost';

  constructor(id: string, attempt: number) {
    super(`Attempt ${attempt} no longer holds the task ${id}`, { id, attempt });
  }
}

export class OutputNotDeclared extends AppError {
  readonly kind = 'invalid';
  readonly code = 'output_not_declared';

  constructor(name: string) {
    super(`The function declares no output ${name}`, { name });
  }
}

export class OutputTooLarge extends AppError {
  readonly kind = 'too_large';
  readonly code = 'output_too_large';

  constructor(size: number, maxBytes: number) {
    super(`An output may be at most ${maxBytes} bytes long; this one has ${size}`, { size, maxBytes });
  }
}
