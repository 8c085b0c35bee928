import { Database } from '@app/common';
import { MAX_HOPS } from '@app/events';
import { Injectable } from '@nestjs/common';
import { DeadLetterRepository } from '../events/dead-letter.repository.js';
import { startDelayMs, type StartFailure, startFailure } from '../events/start-failure.js';
import { DestinationRecords } from './destination-records.js';
import { DestinationTargets } from './destination-targets.js';
import { type DestinationDelivery, DestinationRepository } from './destination.repository.js';

const MAX_ATTEMPTS = 8;

/**
 * Tells destinations how asynchronous invocations have ended: what is started is started in the transaction that crosses
 * the end off, so it is told once. (A message in Kafka, which is in no transaction of ours, once at least.)
 */
@Injectable()
export class DestinationsService {
  constructor(
    private readonly database: Database,
    private readonly deliveries: DestinationRepository,
    private readonly letters: DeadLetterRepository,
    private readonly targets: DestinationTargets,
    private readonly records: DestinationRecords,
  ) {}

  /** How many were tried; fewer than `limit` means that no more are due. */
  async deliverDue(limit: number): Promise<number> {
    for (let done = 0; done < limit; done++) if (!(await this.deliverOne())) return done;
    return limit;
  }

  async nextInMs(): Promise<number | undefined> {
    return this.deliveries.nextInMs();
  }

  private async deliverOne(): Promise<boolean> {
    return this.database.transaction(async () => {
      const delivery = await this.deliveries.lockDue();
      if (!delivery) return false;
      await this.deliveries.setSavepoint();
      const failure = await this.tell(delivery).catch(async (error: unknown) => {
        await this.deliveries.rollBackToSavepoint();
        return startFailure(error);
      });
      if (failure && !failure.isFinal && delivery.attempts + 1 < MAX_ATTEMPTS) {
        await this.deliveries.delay(delivery.taskId, startDelayMs(delivery.attempts + 1));
        return true;
      }
      if (failure) await this.bury(delivery, failure);
      await this.deliveries.delete(delivery.taskId);
      return true;
    });
  }

  private async tell(delivery: DestinationDelivery): Promise<StartFailure | undefined> {
    const { namespace, target, hops } = delivery;
    if (hops >= MAX_HOPS) {
      const cause = `It is the last of ${hops} invocations of which each is the destination of the one before it`;
      return { error: 'Loop.Detected', cause, isFinal: true };
    }
    await this.targets.tell(namespace, target, await this.records.of(delivery), hops + 1);
    return undefined;
  }

  private async bury(delivery: DestinationDelivery, { error, cause }: StartFailure): Promise<void> {
    const { namespace, target, attempts, taskId: invocation } = delivery;
    const record = await this.records.of(delivery);
    const payload = { invocation, target, record };
    await this.letters.insert(namespace, { kind: 'destination', payload, error, cause, attempts: attempts + 1 });
  }
}
