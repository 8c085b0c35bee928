import { type CloudEvent, scheduleEvent } from '@app/events';
import { Injectable } from '@nestjs/common';
import { DeliveryRepository } from '../events/delivery.repository.js';
import { EventRepository, type NewStart } from '../events/event.repository.js';
import { TargetsService } from '../events/targets.service.js';
import type { Trigger } from '../triggers/trigger.js';
import { WaitingTriggersService } from '../triggers/waiting-triggers.service.js';
import type { DueSchedule } from './schedule.repository.js';

/** A tick with the one trigger that waits for it. */
interface Tick {
  readonly schedule: DueSchedule;
  readonly event: CloudEvent<unknown>;
  readonly trigger: Trigger;
}

export interface FiredTick {
  readonly schedule: DueSchedule;
  readonly targetKind: 'workflow';
  readonly targetId: string;
}

/**
 * Starts what many ticks are for by few statements. Only what is as it nearly always is goes together: one trigger waits
 * for the tick, and it starts a workflow, without a name. All else, and all of a group in which anything fails, is for
 * whoever fires them one by one.
 */
@Injectable()
export class TickBatchService {
  constructor(
    private readonly triggers: WaitingTriggersService,
    private readonly events: EventRepository,
    private readonly targets: TargetsService,
    private readonly deliveries: DeliveryRepository,
  ) {}

  /** Within a transaction. Those that are not in the answer have not been fired. */
  async fire(due: readonly DueSchedule[]): Promise<FiredTick[]> {
    const fired: FiredTick[] = [];
    for (const group of groupsOf(await this.ticksOf(due))) {
      await this.deliveries.setSavepoint();
      try {
        fired.push(...(await this.fireGroup(group)));
        await this.deliveries.releaseSavepoint();
      } catch {
        await this.deliveries.rollBackToSavepoint();
      }
    }
    return fired;
  }

  private async ticksOf(due: readonly DueSchedule[]): Promise<Tick[]> {
    const events = due.map(({ name, tickAt }) => scheduleEvent(name, tickAt) as CloudEvent<unknown>);
    const matching = await this.triggers.listMatchingEach(
      due.map(({ namespace }, index) => [namespace, events[index] as CloudEvent<unknown>]),
    );
    return due.flatMap((schedule, index) => {
      const [trigger, ...others] = matching[index] ?? [];
      const isPlain = trigger && others.length === 0 && trigger.executionName === undefined;
      if (!isPlain || !('workflow' in trigger.target)) return [];
      return [{ schedule, trigger, event: events[index] as CloudEvent<unknown> }];
    });
  }

  private async fireGroup(group: readonly Tick[]): Promise<FiredTick[]> {
    const namespace = group[0]?.trigger.namespace ?? '';
    const inserted = await this.events.insertAll(
      namespace,
      group.map(({ event }) => event),
    );
    // A tick that was here before has started what it was to start.
    if (inserted < group.length) throw new Error('Some of the ticks were stored before');
    const ids = await this.targets.startTogether(group);
    const starts = group.map(({ event, trigger }, index): NewStart => {
      return { event, triggerId: trigger.id, targetKind: 'workflow', targetId: ids[index] ?? '' };
    });
    await this.events.insertStarts(namespace, starts);
    return group.map(({ schedule }, index) => ({ schedule, targetKind: 'workflow', targetId: ids[index] ?? '' }));
  }
}

/** By namespace and workflow; one alone is no group. */
function groupsOf(ticks: readonly Tick[]): Tick[][] {
  const groups = new Map<string, Tick[]>();
  for (const tick of ticks) {
    const { namespace, target } = tick.trigger;
    const key = JSON.stringify([namespace, target]);
    groups.set(key, [...(groups.get(key) ?? []), tick]);
  }
  return [...groups.values()].filter(({ length }) => length > 1);
}
