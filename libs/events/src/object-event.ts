import { type CloudEvent, cloudEvent } from './cloud-event.js';
import { changeOf, type ObjectNotification, plainEventName } from './object-notification.js';

export const OBJECT_CREATED = 'spool.object.created';
export const OBJECT_REMOVED = 'spool.object.removed';

export type ObjectEventData = {
  bucket: string;
  key: string;
  eventName: string;
  size?: number;
  etag?: string;
  versionId?: string;
  contentType?: string;
  metadata?: { readonly [name: string]: string };
  sequencer?: string;
};

/**
 * Undefined if the notification is about neither a new object nor a removed one.
 * The id is made of what the store repeats in every delivery of the same change, so a second one is known.
 */
export function objectEvent(notification: ObjectNotification): CloudEvent<ObjectEventData> | undefined {
  const change = changeOf(notification.eventName);
  if (!change) return undefined;
  const { bucket, key, size, etag, versionId, contentType, metadata, sequencer } = notification;
  const time = new Date(notification.eventTime).toISOString();
  return cloudEvent({
    id: `${key}/${etag ?? versionId ?? ''}/${sequencer ?? time}`,
    source: `/objects/${bucket}`,
    type: change === 'created' ? OBJECT_CREATED : OBJECT_REMOVED,
    subject: key,
    time,
    data: {
      bucket,
      key,
      eventName: plainEventName(notification.eventName),
      ...(size !== undefined && { size }),
      ...(etag !== undefined && { etag }),
      ...(versionId !== undefined && { versionId }),
      ...(contentType !== undefined && { contentType }),
      ...(metadata !== undefined && { metadata }),
      ...(sequencer !== undefined && { sequencer }),
    },
  });
}
