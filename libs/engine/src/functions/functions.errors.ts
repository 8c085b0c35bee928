import { AppError } from '@app/common';

export class FunctionNotFound extends AppError {
  readonly kind = 'not_found';
  readonly code = 'function_not_found';

  constructor(name: string) {
    super(`There is no function ${name}`, { name });
  }
}

export class FunctionVersionNotFound extends AppError {
  readonly kind = 'not_found';
  readonly code = 'function_version_not_found';

  constructor(version: string) {
    super(`There is no version ${version} of this function`, { version });
  }
}

export class FunctionInUse extends AppError {
  readonly kind = 'conflict';
  readonly code = 'function_in_use';

  constructor(name: string, triggers: readonly string[]) {
    super(
      `Function ${name} is started by ${triggers.map((trigger) => `trigger ${trigger}`).join(', ')}: delete or change these triggers first`,
      {
        triggers,
      },
    );
  }
}
