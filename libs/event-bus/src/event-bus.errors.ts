import { AppError } from '@app/common';

/** The bus cannot be reached or does not answer as it should. Worth another try. */
export class EventBusUnavailable extends AppError {
  readonly kind = 'unavailable';
  readonly code = 'event_bus_unavailable';

  constructor(doing: string, cause: unknown) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    super(`The event bus failed to ${doing}: ${reason}`, {}, { cause });
  }
}

export class InvalidTopicName extends AppError {
  readonly kind = 'invalid';
  readonly code = 'invalid_topic_name';

  constructor(topic: string) {
    super(`"${topic}" is no topic name: 1 to 249 of a-z, A-Z, 0-9, ".", "_" and "-", and not "." or ".."`, { topic });
  }
}

export class MessageTooLarge extends AppError {
  readonly kind = 'too_large';
  readonly code = 'message_too_large';

  constructor(index: number, bytes: number, limit: number) {
    super(`Message ${index} has ${bytes} bytes; a message may have ${limit}`, { index, bytes, limit });
  }
}

export class GroupIsRead extends AppError {
  readonly kind = 'unavailable';
  readonly code = 'group_is_read';

  constructor(group: string, cause: unknown) {
    super(`The group ${group} is read, or was a moment ago; its place cannot be moved now`, { group }, { cause });
  }
}
