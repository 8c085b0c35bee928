import { mkdir, rename, rm } from 'node:fs/promises';
import { EmbeddedNotifications } from '../notifications/embedded.object-notifications.js';
import { Journal } from '../notifications/journal.js';
import { undelivered } from '../notifications/undelivered.js';
import { Blobs } from './blobs.js';
import type { Bucket } from './bucket.js';
import { Buckets } from './buckets.js';
import { Durable } from './durable.js';
import { Layout } from './layout.js';
import { loadBuckets, loadUploads } from './load.js';
import { ObjectChanges } from './object-changes.js';
import { Sequencer } from '../notifications/sequencer.js';
import type { Storage } from './storage.js';
import type { Upload } from './upload.js';
import { Uploads } from './uploads.js';

const ABANDONED_AFTER_MS = 7 * 24 * 3600 * 1000;

/** Opens the folder and mends what a crash left. The caller makes sure that nobody else has it open. */
export async function openStorage(dir: string): Promise<Storage> {
  const layout = new Layout(dir);
  await mkdir(dir, { recursive: true, mode: 0o700 });
  for (const folder of layout.folders) await mkdir(layout.folder(folder), { recursive: true, mode: 0o700 });
  const durable = new Durable(layout.folder('tmp'));
  await durable.syncFolder(dir);
  const buckets = new Map((await loadBuckets(layout)).map((bucket) => [bucket.name, bucket]));
  const uploads = await loadLiveUploads(layout, durable, buckets);
  await rm(layout.folder('tmp'), { recursive: true });
  await mkdir(layout.folder('tmp'), { mode: 0o700 });
  const blobs = new Blobs(layout, durable);
  const sequencer = new Sequencer();
  for (const { segments, sequencer: used } of versionsIn(buckets)) {
    blobs.hold(segments);
    sequencer.raise(used);
  }
  for (const { parts } of uploads) for (const { segments } of parts.values()) blobs.hold(segments);
  await blobs.sweep();
  const notifications = await openNotifications(new Journal(layout.folder('journal'), durable), buckets, sequencer);
  return {
    blobs,
    notifications,
    buckets: new Buckets(layout, durable, buckets),
    changes: new ObjectChanges(layout, durable, blobs, notifications),
    uploads: new Uploads(layout, durable, blobs, new Map(uploads.map((upload) => [upload.id, upload]))),
  };
}

/** Drops the uploads of a deleted bucket, those that nobody will complete, and one we were killed after completing. */
async function loadLiveUploads(
  layout: Layout,
  durable: Durable,
  buckets: ReadonlyMap<string, Bucket>,
): Promise<Upload[]> {
  const live: Upload[] = [];
  for (const upload of await loadUploads(layout)) {
    const isCompleted = buckets.get(upload.bucket)?.objects.get(upload.key)?.uploadId === upload.id;
    const isAbandoned = Date.parse(upload.initiated) < Date.now() - ABANDONED_AFTER_MS;
    if (!buckets.has(upload.bucket) || isCompleted || isAbandoned)
      await rename(layout.upload(upload.id), durable.temporaryPath());
    else live.push(upload);
  }
  return live;
}

async function openNotifications(
  journal: Journal,
  buckets: ReadonlyMap<string, Bucket>,
  sequencer: Sequencer,
): Promise<EmbeddedNotifications> {
  const found = await journal.readAll();
  const { deliver, drop } = undelivered(found, (bucket, key) => buckets.get(bucket)?.objects.get(key)?.versionId);
  for (const notification of drop) await journal.remove(notification);
  const notifications = new EmbeddedNotifications(journal, sequencer);
  for (const notification of deliver) notifications.offer(notification);
  for (const notification of found) sequencer.raise(notification.sequencer);
  return notifications;
}

function* versionsIn(buckets: ReadonlyMap<string, Bucket>) {
  for (const bucket of buckets.values()) yield* bucket.objects.all();
}
