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

  constructor(bytes: number, maxBytes: number) {
    super(`The event is ${bytes} bytes long; at most ${maxBytes} are allowed`, { bytes, maxBytes });
  }
}
