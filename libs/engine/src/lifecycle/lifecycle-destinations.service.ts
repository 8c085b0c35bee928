import { createHmac } from 'node:crypto';
import { Database } from '@app/common';
import { type CloudEvent, cloudEventRequest, HOPS_HEADER, lineageOf, PATH_HEADER } from '@app/events';
import { Injectable } from '@nestjs/common';
import { EventsService } from '../events/events.service.js';
import { OutboundService } from '../outbound/outbound.service.js';
import { TopicsService } from '../topics/topics.service.js';
import { TRIGGERS_LANE } from './lifecycle-interests.service.js';
import { DestinationRefused } from './lifecycle.errors.js';
import type { LifecycleEvent } from './lifecycle.repository.js';
import type { Destination, Subscription } from './subscription.js';
import { SubscriptionsService } from './subscriptions.service.js';

type WebDestination = Extract<Destination, { url: string }>;

/** Tells one event where it is wanted. */
@Injectable()
export class LifecycleDestinations {
  constructor(
    private readonly database: Database,
    private readonly events: EventsService,
    private readonly topics: TopicsService,
    private readonly subscriptions: SubscriptionsService,
    private readonly outbound: OutboundService,
  ) {}

  /** `done` is called when it is told; for triggers in the transaction that starts what they aim at. */
  async tell(one: LifecycleEvent, event: CloudEvent<unknown>, done: () => Promise<void>): Promise<void> {
    if (one.lane === TRIGGERS_LANE) {
      await this.database.transaction(async () => {
        await this.events.ingest(one.namespace, event);
        await done();
      });
      return;
    }
    const subscription = await this.subscriptions.find(one.lane);
    // Whoever wanted to know does not any more.
    if (subscription) await this.send(subscription, event, one.subjectId);
    await done();
  }

  private async send({ namespace, destination }: Subscription, event: CloudEvent<unknown>, key: string): Promise<void> {
    if ('url' in destination) return this.post(destination, event);
    const { headers, body } = cloudEventRequest(event, 'structured');
    const { hops, path } = lineageOf(event) ?? { hops: 1, path: '' };
    const lineage = { [HOPS_HEADER]: String(hops), [PATH_HEADER]: path };
    const message = { key, value: Buffer.from(body), headers: { ...headers, ...lineage } };
    await this.topics.publish(namespace, destination.topic, [message]);
  }

  private async post({ url, mode, headers, secret }: WebDestination, event: CloudEvent<unknown>): Promise<void> {
    const request = cloudEventRequest(event, mode);
    const { body } = request;
    const signature = secret && {
      'x-hub-signature-256': `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`,
    };
    const told = { headers: { ...headers, ...request.headers, ...signature }, body };
    const status = await this.outbound.post(url, told).catch((error: Error) => {
      throw new DestinationRefused(url, error.message, error);
    });
    if (status < 200 || status > 299) throw new DestinationRefused(url, `it answered ${status}`);
  }
}
