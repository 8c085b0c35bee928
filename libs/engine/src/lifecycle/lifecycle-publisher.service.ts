import { Database } from '@app/common';
import { withLineage } from '@app/events';
import { Injectable, Logger } from '@nestjs/common';
import { DeadLetterRepository } from '../events/dead-letter.repository.js';
import { MAX_AGE_SECONDS, MAX_ATTEMPTS, startDelayMs, startFailure } from '../events/start-failure.js';
import { LineageRepository } from '../lineage/lineage.repository.js';
import { LifecycleDestinations } from './lifecycle-destinations.service.js';
import { type LifecycleEvent, LifecycleRepository } from './lifecycle.repository.js';

const LEASE_SECONDS = 120;
/** At a time, of one lane: what goes over HTTP must be done within the lease. */
const BATCH = 64;
const AT_ONCE = 8;

/** Tells what executions and invocations have written down: at least once, those of one in their order. */
@Injectable()
export class LifecyclePublisher {
  private readonly logger = new Logger(LifecyclePublisher.name);

  constructor(
    private readonly database: Database,
    private readonly outbox: LifecycleRepository,
    private readonly lineage: LineageRepository,
    private readonly destinations: LifecycleDestinations,
    private readonly deadLetters: DeadLetterRepository,
  ) {}

  /** How many were looked after. */
  async publishDue(): Promise<number> {
    let done = 0;
    for (const lane of await this.outbox.listDueLanes()) {
      if (!(await this.outbox.claimLane(lane, LEASE_SECONDS))) continue;
      try {
        done += await this.publishLane(lane);
      } finally {
        await this.outbox.releaseLane(lane);
      }
    }
    return done;
  }

  async nextInMs(): Promise<number | undefined> {
    return this.outbox.nextInMs();
  }

  private async publishLane(lane: string): Promise<number> {
    const due = await this.outbox.listDue(lane, BATCH);
    const next = bySubject(due).values();
    const worker = async (): Promise<void> => {
      for (const group of next) await this.publishInOrder(group);
    };
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
    return due.length;
  }

  /** One that fails holds up those behind it, of its own alone. */
  private async publishInOrder(events: readonly LifecycleEvent[]): Promise<void> {
    for (const one of events) if (!(await this.publish(one))) return;
  }

  private async publish(one: LifecycleEvent): Promise<boolean> {
    const lineage = await this.lineage.next({ executionId: one.subjectId, taskId: one.subjectId });
    const event = withLineage(one.event, lineage);
    try {
      await this.destinations.tell(one, event, () => this.outbox.delete([one.id]));
      return true;
    } catch (error) {
      return this.failed(one, error);
    }
  }

  /** Whether it is over with the event. */
  private async failed(one: LifecycleEvent, error: unknown): Promise<boolean> {
    const failure = startFailure(error);
    const attempts = one.attempts + 1;
    const isOld = Date.now() - one.createdAt.getTime() > MAX_AGE_SECONDS * 1_000;
    if (!failure.isFinal && attempts < MAX_ATTEMPTS && !isOld) {
      this.logger.warn(`${one.event.type} of ${one.subjectId} was not told: ${failure.cause}`);
      await this.outbox.delay(one.id, startDelayMs(attempts));
      return false;
    }
    await this.database.transaction(async () => {
      const payload = { lane: one.lane, event: one.event };
      const { error: name, cause } = failure;
      await this.deadLetters.insert(one.namespace, { kind: 'lifecycle', payload, error: name, cause, attempts });
      await this.outbox.delete([one.id]);
    });
    return true;
  }
}

function bySubject(events: readonly LifecycleEvent[]): LifecycleEvent[][] {
  const groups = new Map<string, LifecycleEvent[]>();
  for (const event of events) {
    const group = groups.get(event.subjectId);
    if (group) group.push(event);
    else groups.set(event.subjectId, [event]);
  }
  return [...groups.values()];
}
