import { AppError } from '@app/common';

export class InvocationNotFound extends AppError {
  readonly kind = 'not_found';
  readonly code = 'invocation_not_found';

  constructor(id: string) {
    super(`There is no invocation ${id}`, { id });
  }
}

export class InvocationInputTooLarge extends AppError {
  readonly kind = 'too_large';
  readonly code = 'invocation_input_too_large';

  constructor(maxBytes: number) {
    super(`The event is longer than the ${maxBytes} bytes that are allowed`, { maxBytes });
  }
}
