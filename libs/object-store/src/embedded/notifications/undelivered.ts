import type { ObjectNotification } from '../../object-notifications.js';

export interface Undelivered {
  readonly deliver: ObjectNotification[];
  /** About changes that we were killed before making. */
  readonly drop: ObjectNotification[];
}

/**
 * What a journal found at start means. A key's changes are made one at a time, so all but the key's last
 * notification tell of changes that were made; the last does if the store shows it.
 * `versionOf` gives the id of the version that is there now.
 */
export function undelivered(
  journal: readonly ObjectNotification[],
  versionOf: (bucket: string, key: string) => string | undefined,
): Undelivered {
  const last = new Map(journal.map((notification) => [keyOf(notification), notification]));
  const happened = (notification: ObjectNotification): boolean => {
    if (last.get(keyOf(notification)) !== notification) return true;
    const isThere = versionOf(notification.bucket, notification.key) === notification.versionId;
    return isRemoval(notification) ? !isThere : isThere;
  };
  return { deliver: journal.filter(happened), drop: journal.filter((notification) => !happened(notification)) };
}

export const keyOf = ({ bucket, key }: ObjectNotification): string => `${bucket}/${key}`;

const isRemoval = ({ eventName }: ObjectNotification): boolean => eventName.startsWith('ObjectRemoved:');
