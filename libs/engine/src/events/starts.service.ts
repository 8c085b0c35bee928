import { Database } from '@app/common';
import { type CloudEvent, lineageOf, MAX_HOPS } from '@app/events';
import { Injectable } from '@nestjs/common';
import type { Trigger } from '../triggers/trigger.js';
import { DeadLetterRepository } from './dead-letter.repository.js';
import { type Delivery, DeliveryRepository } from './delivery.repository.js';
import { EventRepository, type EventStart } from './event.repository.js';
import { settlingOf } from './settling.js';
import { MAX_AGE_SECONDS, MAX_ATTEMPTS, startDelayMs, type StartFailure, startFailure } from './start-failure.js';
import { TargetsService } from './targets.service.js';

/**
 * Starts what triggers aim at. One that cannot start must keep neither other triggers from the event nor other events
 * from the trigger: what fails for good goes to the dead letters, what may work later is delivered again, and only
 * events of the same key wait behind it.
 */
@Injectable()
export class StartsService {
  constructor(
    private readonly database: Database,
    private readonly events: EventRepository,
    private readonly deliveries: DeliveryRepository,
    private readonly deadLetters: DeadLetterRepository,
    private readonly targets: TargetsService,
  ) {}

  /** Within the transaction that stores the event. What it started, if it did. */
  async start(trigger: Trigger, event: CloudEvent<unknown>): Promise<EventStart | undefined> {
    const { id: triggerId, namespace } = trigger;
    const settling = settlingOf(trigger, event);
    if (!settling) return this.startSettled(trigger, event);
    await this.deliveries.insertWaiting(event, { triggerId, namespace, ...settling });
    return undefined;
  }

  /** As `start`, whatever the trigger would wait for. */
  async startSettled(trigger: Trigger, event: CloudEvent<unknown>): Promise<EventStart | undefined> {
    const { id: triggerId, namespace } = trigger;
    const loop = loopOf(event);
    if (loop) {
      await this.bury(trigger, event, loop, 1);
      return undefined;
    }
    if (await this.targets.enqueue(trigger, event)) return undefined;
    const key = keyOf(trigger, event);
    if (key !== undefined && (await this.deliveries.isKeyHeld(triggerId, key))) {
      await this.deliveries.insert(event, { triggerId, namespace, key, attempts: 0, delayMs: 0 });
      return undefined;
    }
    const result = await this.attempt(trigger, event);
    if ('started' in result) return result.started;
    const { failure } = result;
    if (failure.isFinal || limitsOf(trigger).maxAttempts <= 1) await this.bury(trigger, event, failure, 1);
    else
      await this.deliveries.insert(event, {
        triggerId,
        namespace,
        key,
        attempts: 1,
        delayMs: startDelayMs(1),
        ...failure,
      });
    return undefined;
  }

  /** Tries one more time; in the end the event goes to the dead letters. */
  async again(delivery: Delivery, trigger: Trigger, event: CloudEvent<unknown>): Promise<void> {
    const result = await this.attempt(trigger, event);
    if ('started' in result) return this.deliveries.delete(delivery.id);
    const attempts = delivery.attempts + 1;
    const { maxAttempts, maxAgeSeconds } = limitsOf(trigger);
    const isOld = Date.now() - delivery.createdAt.getTime() > maxAgeSeconds * 1_000;
    if (!result.failure.isFinal && attempts < maxAttempts && !isOld) {
      return this.deliveries.delay(delivery.id, startDelayMs(attempts), result.failure);
    }
    await this.bury(trigger, event, result.failure, attempts);
    await this.deliveries.delete(delivery.id);
  }

  /** A statement that fails would end the whole transaction, so it is taken back to before the attempt. */
  private async attempt(
    trigger: Trigger,
    event: CloudEvent<unknown>,
  ): Promise<{ started: EventStart } | { failure: StartFailure }> {
    return this.database.transaction(async () => {
      const before = await this.events.findStart(trigger.id, trigger.namespace, event);
      if (before) return { started: { ...before, trigger: trigger.name } };
      await this.deliveries.setSavepoint();
      try {
        const start = await this.targets.start(trigger, event);
        await this.events.insertStart(trigger.namespace, event, { ...start, triggerId: trigger.id });
        await this.deliveries.releaseSavepoint();
        return { started: { ...start, trigger: trigger.name } };
      } catch (error) {
        // Without a connection this fails too: then the source delivers the event again.
        await this.deliveries.rollBackToSavepoint();
        return { failure: startFailure(error) };
      }
    });
  }

  /** Gives it to the dead letters. */
  async bury(
    trigger: Trigger,
    event: CloudEvent<unknown>,
    { error, cause }: StartFailure,
    attempts: number,
  ): Promise<void> {
    const payload = { trigger: trigger.name, event };
    await this.deadLetters.insert(trigger.namespace, {
      kind: 'event',
      payload,
      error,
      cause,
      triggerId: trigger.id,
      attempts,
    });
  }
}

/** What wrote this was started by what wrote that, and so on: too often to be meant. */
function loopOf(event: CloudEvent<unknown>): StartFailure | undefined {
  const { hops, path } = lineageOf(event) ?? { hops: 0, path: '' };
  if (hops < MAX_HOPS) return undefined;
  const cause = `It is the last of ${hops} events of which each comes of what the one before it started: ${path}`;
  return { error: 'Loop.Detected', cause, isFinal: true };
}

/** Messages of one key start in their order; other events have no order to keep. */
const keyOf = (trigger: Trigger, event: CloudEvent<unknown>): string | undefined =>
  trigger.kind === 'topic' ? event.subject : undefined;

function limitsOf({ kind, source }: Trigger): { maxAttempts: number; maxAgeSeconds: number } {
  const { maxAttempts = MAX_ATTEMPTS, maxAgeSeconds = MAX_AGE_SECONDS } = kind === 'topic' ? source : {};
  return { maxAttempts, maxAgeSeconds };
}
