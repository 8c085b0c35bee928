import { setTimeout as sleep } from 'node:timers/promises';
import { Loop, Wakeups } from '@app/common';
import { EXECUTION_EVENT_PREFIX, EXECUTION_EVENTS, executionSourceOf } from '@app/events';
import { Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import type { EventTrigger } from '../triggers/trigger.js';
import { TriggerRevisionRepository } from '../triggers/trigger-revision.repository.js';
import { TRIGGERS_TOPIC, TriggersService } from '../triggers/triggers.service.js';
import type { Subscription } from './subscription.js';
import { SUBSCRIPTIONS_TOPIC, SubscriptionsService } from './subscriptions.service.js';

/** The lane of what triggers are told, in all namespaces. */
export const TRIGGERS_LANE = 'triggers';

interface Interest {
  readonly lane: string;
  readonly workflows: ReadonlySet<string> | undefined;
  readonly types: ReadonlySet<string>;
}

interface Interested {
  readonly namespace: string;
  readonly interest: Interest;
}

const REFRESH_MS = 5_000;

/**
 * Who wants to know of which executions, in memory: where nobody does, executions cost nothing for it. A hint brings what
 * is new at once; one that is lost costs seconds, in which a new subscription misses what it would have been told.
 */
@Injectable()
export class LifecycleInterests implements OnModuleInit, OnModuleDestroy {
  private known: { readonly token: string; readonly interested: Interested[] } | undefined;
  private interests: ReadonlyMap<string, readonly Interest[]> = new Map();
  private readonly loop = new Loop({ name: LifecycleInterests.name, restMs: REFRESH_MS }, (signal) =>
    this.round(signal),
  );

  constructor(
    private readonly triggers: TriggersService,
    private readonly subscriptions: SubscriptionsService,
    private readonly revision: TriggerRevisionRepository,
    private readonly wakeups: Wakeups,
  ) {}

  async onModuleInit(): Promise<void> {
    await this.refresh();
    this.loop.start();
  }

  async onModuleDestroy(): Promise<void> {
    await this.loop.stop();
  }

  isAny(namespace: string, workflow: string): boolean {
    return this.interests.get(namespace)?.some(({ workflows }) => !workflows || workflows.has(workflow)) ?? false;
  }

  /** The lanes that an event goes to. */
  lanes(namespace: string, workflow: string, type: string): string[] {
    const interested = (this.interests.get(namespace) ?? []).filter(
      ({ workflows, types }) => types.has(type) && (!workflows || workflows.has(workflow)),
    );
    return [...new Set(interested.map(({ lane }) => lane))];
  }

  async refresh(): Promise<void> {
    const [triggers, subscriptions] = await Promise.all([this.interestedTriggers(), this.subscriptions.listAll()]);
    const found = new Map<string, Interest[]>();
    const add = (namespace: string, interest: Interest) => {
      found.set(namespace, [...(found.get(namespace) ?? []), interest]);
    };
    for (const { namespace, interest } of triggers) add(namespace, interest);
    for (const one of subscriptions) if (one.enabled) add(one.namespace, ofSubscription(one));
    this.interests = found;
  }

  /** Read only when some trigger has changed: there may be very many. */
  private async interestedTriggers(): Promise<Interested[]> {
    // The token first: triggers that are newer than it are read again next time.
    const token = await this.revision.token();
    if (this.known?.token !== token) {
      const triggers = await this.triggers.listEnabled('event');
      const interested = triggers.flatMap((trigger) => {
        const interest = ofTrigger(trigger);
        return interest ? [{ namespace: trigger.namespace, interest }] : [];
      });
      this.known = { token, interested };
    }
    return this.known.interested;
  }

  private async round(signal: AbortSignal): Promise<void> {
    const settled = new AbortController();
    const stop = () => settled.abort();
    signal.addEventListener('abort', stop, { once: true });
    // Listening before looking: what comes in between is not missed.
    const hints = [TRIGGERS_TOPIC, SUBSCRIPTIONS_TOPIC].map((topic) =>
      this.wakeups.wait(topic, REFRESH_MS, settled.signal),
    );
    try {
      await this.refresh();
      await Promise.race([...hints, sleep(REFRESH_MS, undefined, { signal: settled.signal }).catch(() => {})]);
    } finally {
      signal.removeEventListener('abort', stop);
      settled.abort();
    }
  }
}

const ofSubscription = ({ id, workflows, types }: Subscription): Interest => ({
  lane: id,
  workflows: workflows ? new Set(workflows) : undefined,
  types: new Set<string>(types ?? EXECUTION_EVENTS),
});

/** Of triggers that name such an event: one with a pattern that takes any event at all is not asked. */
function ofTrigger({ source, pattern }: EventTrigger): Interest | undefined {
  const named = source.types?.filter((type) => type.startsWith(EXECUTION_EVENT_PREFIX)) ?? [];
  const isInPattern = source.types === undefined && JSON.stringify(pattern ?? null).includes(EXECUTION_EVENT_PREFIX);
  if (named.length === 0 && !isInPattern) return undefined;
  const prefix = executionSourceOf('');
  const workflows = source.sources?.flatMap((one) => (one.startsWith(prefix) ? [one.slice(prefix.length)] : []));
  return {
    lane: TRIGGERS_LANE,
    workflows: workflows && new Set(workflows),
    types: new Set<string>(named.length > 0 ? named : EXECUTION_EVENTS),
  };
}
