import { AppError } from '@app/common';

export class SandboxNotStarted extends AppError {
  readonly kind = 'internal';
  readonly code = 'sandbox_not_started';

  constructor(id: string, cause: unknown) {
    super(
      `Sandbox ${id} could not be started: ${cause instanceof Error ? cause.message : String(cause)}`,
      { id },
      { cause },
    );
  }
}
