import { setTimeout as sleep } from 'node:timers/promises';
import { Loop, Wakeups } from '@app/common';
import {
  EXECUTION_EVENT_PREFIX,
  EXECUTION_EVENTS,
  executionSourceOf,
  INVOCATION_EVENT_PREFIX,
  INVOCATION_EVENTS,
  invocationSourceOf,
} from '@app/events';
import { Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import type { EventTrigger } from '../triggers/trigger.js';
import { TriggerRevisionRepository } from '../triggers/trigger-revision.repository.js';
import { TRIGGERS_TOPIC, TriggersService } from '../triggers/triggers.service.js';
import type { Subscription } from './subscription.js';
import { SUBSCRIPTIONS_TOPIC, SubscriptionsService } from './subscriptions.service.js';

/** The lane of what triggers are told, in all namespaces. */
export const TRIGGERS_LANE = 'triggers';

/** Whose executions or invocations. */
export type Noun = 'workflows' | 'functions';

const FAMILIES = {
  workflows: { prefix: EXECUTION_EVENT_PREFIX, types: EXECUTION_EVENTS, source: executionSourceOf('') },
  functions: { prefix: INVOCATION_EVENT_PREFIX, types: INVOCATION_EVENTS, source: invocationSourceOf('') },
} as const;
const NOUNS = ['workflows', 'functions'] as const satisfies readonly Noun[];

interface Interest {
  readonly noun: Noun;
  readonly lane: string;
  /** Of all, if undefined. */
  readonly names: ReadonlySet<string> | undefined;
  readonly types: ReadonlySet<string>;
}

interface Interested {
  readonly namespace: string;
  readonly interest: Interest;
}

const REFRESH_MS = 5_000;

/**
 * Who wants to know of which executions and invocations, in memory: where nobody does, they cost nothing for it. A hint brings what
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

  isAny(noun: Noun, namespace: string, name: string): boolean {
    return this.interests.get(`${noun}/${namespace}`)?.some(({ names }) => !names || names.has(name)) ?? false;
  }

  /** The lanes that an event goes to. */
  lanes(noun: Noun, namespace: string, name: string, type: string): string[] {
    const interested = (this.interests.get(`${noun}/${namespace}`) ?? []).filter(
      ({ names, types }) => types.has(type) && (!names || names.has(name)),
    );
    return [...new Set(interested.map(({ lane }) => lane))];
  }

  async refresh(): Promise<void> {
    const [triggers, subscriptions] = await Promise.all([this.interestedTriggers(), this.subscriptions.listAll()]);
    const found = new Map<string, Interest[]>();
    const add = (namespace: string, interest: Interest) => {
      const key = `${interest.noun}/${namespace}`;
      found.set(key, [...(found.get(key) ?? []), interest]);
    };
    for (const { namespace, interest } of triggers) add(namespace, interest);
    for (const one of subscriptions)
      if (one.enabled) for (const interest of ofSubscription(one)) add(one.namespace, interest);
    this.interests = found;
  }

  /** Read only when some trigger has changed: there may be very many. */
  private async interestedTriggers(): Promise<Interested[]> {
    // The token first: triggers that are newer than it are read again next time.
    const token = await this.revision.token();
    if (this.known?.token !== token) {
      const triggers = await this.triggers.listEnabled('event');
      const interested = triggers.flatMap((trigger) =>
        NOUNS.flatMap((noun) => ofTrigger(trigger, noun)).map((interest) => ({
          namespace: trigger.namespace,
          interest,
        })),
      );
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

/** Without types all of those are meant that it names workflows or functions of; without either, executions. */
function ofSubscription(subscription: Subscription): Interest[] {
  return NOUNS.flatMap((noun) => {
    const types = subscription.types?.filter((type) => type.startsWith(FAMILIES[noun].prefix));
    const isMeant = subscription[noun] !== null || (noun === 'workflows' && subscription.functions === null);
    if (types ? types.length === 0 : !isMeant) return [];
    const names = subscription[noun];
    return [
      {
        noun,
        lane: subscription.id,
        names: names ? new Set(names) : undefined,
        types: new Set<string>(types ?? FAMILIES[noun].types),
      },
    ];
  });
}

/** Of triggers that name such an event: one with a pattern that takes any event at all is not asked. */
function ofTrigger({ source, pattern }: EventTrigger, noun: Noun): Interest[] {
  const { prefix, types, source: begin } = FAMILIES[noun];
  const named = source.types?.filter((type) => type.startsWith(prefix)) ?? [];
  const isInPattern = source.types === undefined && JSON.stringify(pattern ?? null).includes(prefix);
  if (named.length === 0 && !isInPattern) return [];
  const names = source.sources?.flatMap((one) => (one.startsWith(begin) ? [one.slice(begin.length)] : []));
  return [
    {
      noun,
      lane: TRIGGERS_LANE,
      names: names && new Set(names),
      types: new Set<string>(named.length > 0 ? named : types),
    },
  ];
}
