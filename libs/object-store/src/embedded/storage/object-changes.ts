import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { checkNewKey } from '../http/s3-request.js';
import type { EmbeddedNotifications } from '../notifications/embedded.object-notifications.js';
import type { ObjectNotification } from '../../object-notifications.js';
import type { Blobs } from './blobs.js';
import type { Bucket } from './bucket.js';
import type { Durable } from './durable.js';
import { KeyedLock } from './keyed-lock.js';
import type { Layout } from './layout.js';
import type { NewVersion, ObjectVersion } from './object-version.js';

/** Throws unless the object that is there now (or none) allows the change. */
export type Precondition = (current: ObjectVersion | undefined) => void;

export interface PutChange {
  readonly eventName: string;
  readonly precondition?: Precondition;
}

/**
 * Changes of objects, one at a time per key:
 *
 *     1. the notification is written to the journal   killed here: the next start drops it
 *     2. the metadata file is renamed or unlinked     killed here: the next start delivers it
 *     3. the notification is offered to the listener, which removes it from the journal once delivered
 *
 * So of a key's notifications in the journal only the last can be about something that didn't happen.
 */
export class ObjectChanges {
  private readonly lock = new KeyedLock();

  constructor(
    private readonly layout: Layout,
    private readonly durable: Durable,
    private readonly blobs: Blobs,
    private readonly notifications: EmbeddedNotifications,
  ) {}

  /** Takes over the caller's hold of the segments; if it throws, they are released. */
  async put(bucket: Bucket, draft: NewVersion, { eventName, precondition }: PutChange): Promise<ObjectVersion> {
    let isShown = false;
    try {
      checkNewKey(draft.key);
      return await this.exclusively(bucket, draft.key, async (current) => {
        precondition?.(current);
        const version = this.versionOf(draft);
        const path = this.layout.object(bucket.name, draft.key);
        const notification = notificationOf(eventName, bucket, version);
        await this.notified(notification, () => this.durable.replace(path, JSON.stringify(version)));
        await this.settled(bucket, notification, () => {
          bucket.objects.set(draft.key, version);
          isShown = true;
        });
        if (current) await this.blobs.release(current.segments);
        return version;
      });
    } catch (error) {
      if (!isShown) await this.blobs.release(draft.segments);
      throw error;
    }
  }

  /** Gives what was removed, or nothing if there was nothing. */
  remove(bucket: Bucket, key: string, precondition?: Precondition): Promise<ObjectVersion | undefined> {
    return this.exclusively(bucket, key, async (current) => {
      precondition?.(current);
      if (!current) return undefined;
      const removal = {
        ...current,
        sequencer: this.notifications.nextSequencer(),
        lastModified: new Date().toISOString(),
      };
      const notification = notificationOf('ObjectRemoved:Delete', bucket, removal);
      await this.notified(notification, () => rm(this.layout.object(bucket.name, key)));
      await this.settled(bucket, notification, () => bucket.objects.delete(key));
      await this.blobs.release(current.segments);
      return current;
    });
  }

  /** The same version with other tags; nobody is notified. Nothing if there is no object. */
  retag(bucket: Bucket, key: string, tags: Readonly<Record<string, string>>): Promise<ObjectVersion | undefined> {
    return this.exclusively(bucket, key, async (current) => {
      if (!current) return undefined;
      const version = { ...current, tags };
      await this.durable.replace(this.layout.object(bucket.name, key), JSON.stringify(version));
      bucket.objects.set(key, version);
      await this.durable.syncFolder(this.layout.objects(bucket.name));
      return version;
    });
  }

  private exclusively<T>(bucket: Bucket, key: string, work: (current?: ObjectVersion) => Promise<T>): Promise<T> {
    return bucket.change(() => this.lock.run(`${bucket.name}/${key}`, () => work(bucket.objects.get(key))));
  }

  private async notified(notification: ObjectNotification, change: () => Promise<void>): Promise<void> {
    await this.notifications.record(notification);
    try {
      await change();
    } catch (error) {
      await this.notifications.forget(notification);
      throw error;
    }
  }

  /** The change is seen from here on, even should the fsync fail and the writer be told of an error. */
  private async settled(bucket: Bucket, notification: ObjectNotification, show: () => void): Promise<void> {
    try {
      await this.durable.syncFolder(this.layout.objects(bucket.name));
    } finally {
      show();
      this.notifications.offer(notification);
    }
  }

  private versionOf(draft: NewVersion): ObjectVersion {
    return {
      ...draft,
      versionId: randomUUID().replaceAll('-', ''),
      sequencer: this.notifications.nextSequencer(),
      lastModified: new Date().toISOString(),
    };
  }
}

function notificationOf(eventName: string, bucket: Bucket, version: ObjectVersion): ObjectNotification {
  const { key, size, etag, versionId, sequencer, contentType, lastModified } = version;
  return {
    eventName,
    bucket: bucket.name,
    key,
    size,
    etag,
    versionId,
    sequencer,
    contentType,
    eventTime: lastModified,
  };
}
