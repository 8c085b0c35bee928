import { AppError } from '@app/common';

/** Who reads for it is to let go: nobody does any more, or somebody from elsewhere. */
export class TriggerLetGo extends AppError {
  readonly kind = 'unavailable';
  readonly code = 'trigger_let_go';

  constructor(trigger: string) {
    super(`The trigger ${trigger} rests, is gone, or was put to another place meanwhile`, { trigger });
  }
}
