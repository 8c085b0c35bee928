import { randomUUID } from 'node:crypto';
import { afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { Deliver, ObjectNotification, ObjectNotifications } from './object-notifications.js';
import type { ObjectStore } from './object-store.js';
import { until } from './testing/until.js';

const bucket = 'notified';

export interface Notifying {
  readonly store: ObjectStore;
  readonly notifications: ObjectNotifications;
}

/** What every adapter promises. Each adapter's spec calls this once. */
export function describeObjectNotifications(name: string, create: () => Promise<Notifying>): void {
  describe(`${name} as ObjectNotifications`, () => {
    let store: ObjectStore;
    let notifications: ObjectNotifications;
    let stop: (() => Promise<void>) | undefined;
    beforeAll(async () => {
      ({ store, notifications } = await create());
      await store.ensureBucket(bucket);
    });
    afterEach(() => stop?.());

    /** Listens, and comes back once something was heard: a live listener takes a moment to connect. */
    async function listen(deliver: Deliver): Promise<void> {
      const abort = new AbortController();
      const key = `connected/${randomUUID()}`;
      let isConnected = false;
      const listening = notifications.listen(async (notification) => {
        if (notification.key === key) isConnected = true;
        if (!notification.key.startsWith('connected/')) await deliver(notification);
      }, abort.signal);
      stop = async () => {
        abort.abort();
        await listening;
      };
      await until(async () => {
        await store.put({ bucket, key }, 'x');
        return isConnected;
      });
    }

    it('tells what came and what went', async () => {
      const heard: ObjectNotification[] = [];
      await listen(async (notification) => void heard.push(notification));
      const ref = { bucket, key: 'a b+ü/ä 100%.mp4' };
      const { etag } = await store.put(ref, 'hello', { contentType: 'video/mp4' });
      await store.delete(ref);
      await until(() => heard.length === 2);
      expect(heard[0]).toMatchObject({
        ...ref,
        eventName: 'ObjectCreated:Put',
        size: 5,
        etag,
        contentType: 'video/mp4',
      });
      expect(heard[1]).toMatchObject({ ...ref, eventName: 'ObjectRemoved:Delete' });
      expect(heard[1]!.sequencer > heard[0]!.sequencer).toBe(true);
      expect(Math.abs(Date.now() - Date.parse(heard[0]!.eventTime))).toBeLessThan(60_000);
    });

    it('tells of one key in order, and again what was rejected, with the same identity', async () => {
      const heard: ObjectNotification[] = [];
      await listen(async (notification) => {
        heard.push(notification);
        if (heard.length === 1) throw new Error('not now');
      });
      const etags: string[] = [];
      for (const text of ['1', '2', '3']) etags.push((await store.put({ bucket, key: 'k' }, text)).etag);
      await until(() => heard.length === 4);
      expect(heard.map((one) => one.etag)).toEqual([etags[0], ...etags]);
      expect(heard[0]).toEqual(heard[1]);
    });

    it('ends when it is told to', async () => {
      await listen(async () => {});
      await stop?.();
    });
  });
}
