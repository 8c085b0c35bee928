import { setTimeout as sleep } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import { Client } from 'minio';
import { InOrderDelivery } from '../in-order-delivery.js';
import { type Deliver, type ObjectNotification, ObjectNotifications } from '../object-notifications.js';
import type { S3StoreOptions } from '../s3/s3-options.js';
import { bucketEvents } from './bucket-events.js';

export interface MinioNotificationsOptions extends Pick<S3StoreOptions, 'region' | 'accessKeyId' | 'secretAccessKey'> {
  readonly endpoint: string;
  /** Those to listen to; asked again now and then, and a bucket that can't be read is no reason to stop. */
  readonly buckets: () => Promise<readonly string[]>;
  /** Listening to the bucket has begun, the first time or again: what happened before was not told. */
  readonly onConnected?: (bucket: string) => void;
  readonly refreshMs?: number;
  readonly firstBackoffMs?: number;
}

const REFRESH_MS = 15_000;
const FIRST_BACKOFF_MS = 500;
const MAX_BACKOFF_MS = 30_000;

/**
 * Notifications of a store that speaks MinIO's listenBucketNotification (MinIO, RustFS, our embedded one). They are
 * live: what happens while we are not connected is not told, and what isn't delivered is lost with the process.
 * Where that matters, the store must also push to the gateway, or the buckets be compared.
 */
export class MinioObjectNotifications extends ObjectNotifications {
  private readonly logger = new Logger(MinioObjectNotifications.name);
  private readonly client: Client;

  constructor(private readonly options: MinioNotificationsOptions) {
    super();
    const { endpoint, region, accessKeyId: accessKey, secretAccessKey: secretKey } = options;
    const { hostname, port, protocol } = new URL(endpoint);
    const useSSL = protocol === 'https:';
    const place = { endPoint: hostname, port: Number(port || (useSSL ? 443 : 80)), useSSL, region, pathStyle: true };
    this.client = new Client({ ...place, accessKey, secretKey });
  }

  override async listen(deliver: Deliver, signal: AbortSignal): Promise<void> {
    const delivery = new InOrderDelivery<ObjectNotification>();
    const delivering = delivery.run(deliver, signal);
    const following = new Map<string, { stop: AbortController; ended: Promise<void> }>();
    while (!signal.aborted) {
      const names = await this.bucketNames([...following.keys()]);
      for (const [name, { stop }] of following) if (!names.has(name)) stop.abort();
      for (const name of names) {
        if (following.has(name)) continue;
        const stop = new AbortController();
        const ended = this.follow(name, delivery, AbortSignal.any([signal, stop.signal])).finally(() => {
          following.delete(name);
        });
        following.set(name, { stop, ended });
      }
      await sleep(this.options.refreshMs ?? REFRESH_MS, undefined, { signal }).catch(() => {});
    }
    await Promise.all([delivering, ...[...following.values()].map(({ ended }) => ended)]);
  }

  /** Where they can't be asked for, those known stay. */
  private async bucketNames(known: readonly string[]): Promise<Set<string>> {
    try {
      return new Set(await this.options.buckets());
    } catch (error) {
      this.logger.warn(`The buckets can't be listed: ${error}`);
      return new Set(known);
    }
  }

  private async follow(
    bucket: string,
    delivery: InOrderDelivery<ObjectNotification>,
    signal: AbortSignal,
  ): Promise<void> {
    const first = this.options.firstBackoffMs ?? FIRST_BACKOFF_MS;
    const connected = () => this.options.onConnected?.(bucket);
    for (let backoffMs = first; !signal.aborted; backoffMs = Math.min(backoffMs * 2, MAX_BACKOFF_MS)) {
      try {
        for await (const notification of bucketEvents(this.client, bucket, signal, connected)) {
          delivery.add(`${notification.bucket}/${notification.key}`, notification);
          backoffMs = first;
        }
      } catch (error) {
        if (!signal.aborted) this.logger.warn(`Listening to ${bucket} again in ${backoffMs} ms: ${error}`);
      }
      await sleep(backoffMs * (0.5 + Math.random() / 2), undefined, { signal }).catch(() => {});
    }
  }
}
