import { AppError } from '@app/common';

/** As many wait already as the namespace may have waiting. */
export class QueueQuotaReached extends AppError {
  readonly kind = 'throttled';
  readonly code = 'queue_quota_reached';

  constructor(namespace: string, maxQueued: number, retryAfterSeconds: number) {
    super(`${maxQueued} tasks of the namespace ${namespace} wait already, which is its quota`, {
      maxQueued,
      retryAfterSeconds,
    });
  }
}
