import { AppError } from '@app/common';

/** Its messages are read again, from elsewhere. */
export class TriggerWasReset extends AppError {
  readonly kind = 'unavailable';
  readonly code = 'trigger_was_reset';

  constructor(trigger: string) {
    super(`The trigger ${trigger} was put to another place meanwhile`, { trigger });
  }
}
