import type { EmbeddedNotifications } from '../notifications/embedded.object-notifications.js';
import type { Blobs } from './blobs.js';
import type { Buckets } from './buckets.js';
import type { ObjectChanges } from './object-changes.js';
import type { Uploads } from './uploads.js';

/** What the operations work on. */
export interface Storage {
  readonly buckets: Buckets;
  readonly blobs: Blobs;
  readonly changes: ObjectChanges;
  readonly uploads: Uploads;
  readonly notifications: EmbeddedNotifications;
}
