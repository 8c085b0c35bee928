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

/** The driver that was asked for does not do on this machine what it is for. */
export class SandboxUnavailable extends AppError {
  readonly kind = 'internal';
  readonly code = 'sandbox_unavailable';

  constructor(driver: string, why: string) {
    super(`The sandbox driver ${driver} does not work on this machine: ${why}`, { driver });
  }
}
