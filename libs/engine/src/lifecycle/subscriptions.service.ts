import { randomUUID } from 'node:crypto';
import { Database, InvalidRequest, parse, Wakeups } from '@app/common';
import { INVOCATION_EVENT_PREFIX } from '@app/events';
import { Injectable } from '@nestjs/common';
import { HIDDEN_SECRET } from '../triggers/trigger-secrets.js';
import { SubscriptionNameTaken, SubscriptionNotFound } from './lifecycle.errors.js';
import { LifecycleRepository } from './lifecycle.repository.js';
import { type CheckedSubscription, type Destination, newSubscription, type Subscription } from './subscription.js';
import { SubscriptionEntity } from './subscription.entity.js';

/** Who keeps in mind who wants to know of executions looks again when this is woken. */
export const SUBSCRIPTIONS_TOPIC = 'subscriptions';

/** Who wants to be told of executions, and where. */
@Injectable()
export class SubscriptionsService {
  constructor(
    private readonly database: Database,
    private readonly outbox: LifecycleRepository,
    private readonly wakeups: Wakeups,
  ) {}

  async create(namespace: string, wanted: unknown): Promise<Subscription> {
    const checked = checkedAll(wanted);
    const { manager } = this.database;
    const row = { id: randomUUID(), namespace, name: checked.name, ...columns(checked) };
    const insert = manager
      .createQueryBuilder()
      .insert()
      .into(SubscriptionEntity)
      .values(row as never);
    const inserted = await insert.orIgnore().returning('id').execute();
    if ((inserted.raw as unknown[]).length === 0) throw new SubscriptionNameTaken(checked.name);
    this.wakeups.wake(SUBSCRIPTIONS_TOPIC);
    return this.get(namespace, checked.name);
  }

  /** Replaces all of it but its name. */
  async update(namespace: string, name: string, wanted: unknown): Promise<Subscription> {
    const checked = checkedAll({ ...(wanted as object), name });
    const before = await this.get(namespace, name);
    const destination = keepingSecrets(checked.destination, before.destination);
    const change = { ...columns({ ...checked, destination }), updatedAt: () => 'now()' };
    await this.database.manager.update(SubscriptionEntity, { id: before.id }, change as never);
    this.wakeups.wake(SUBSCRIPTIONS_TOPIC);
    return this.get(namespace, name);
  }

  async get(namespace: string, name: string): Promise<Subscription> {
    const found = await this.database.manager.findOneBy(SubscriptionEntity, { namespace, name });
    if (!found) throw new SubscriptionNotFound(name);
    return found;
  }

  async find(id: string): Promise<Subscription | undefined> {
    return (await this.database.manager.findOneBy(SubscriptionEntity, { id })) ?? undefined;
  }

  async list(namespace: string): Promise<Subscription[]> {
    return this.database.manager.find(SubscriptionEntity, { where: { namespace }, order: { name: 'asc' } });
  }

  /** Of all namespaces. */
  async listAll(): Promise<Subscription[]> {
    return this.database.manager.find(SubscriptionEntity);
  }

  /** What was not told yet goes with it. */
  async delete(namespace: string, name: string): Promise<void> {
    await this.database.transaction(async () => {
      const { id } = await this.get(namespace, name);
      await this.database.manager.delete(SubscriptionEntity, { id });
      await this.outbox.deleteLane(id);
      this.wakeups.wake(SUBSCRIPTIONS_TOPIC);
    });
  }
}

/** What could never be told of is not taken. */
function checkedAll(wanted: unknown): CheckedSubscription {
  const checked = parse(newSubscription, wanted);
  const { functions, types } = checked;
  if (functions && types && !types.some((type) => type.startsWith(INVOCATION_EVENT_PREFIX)))
    throw new InvalidRequest([
      { pointer: '/types', message: 'must name a type of invocations, or leave out functions' },
    ]);
  return checked;
}

const columns = ({ workflows, functions, types, destination, enabled }: CheckedSubscription) => ({
  workflows: workflows ?? null,
  functions: functions ?? null,
  types: types ?? null,
  destination,
  enabled,
});

/** The destination as people may see it. */
export function withoutSecrets(destination: Destination): Destination {
  if ('topic' in destination) return destination;
  const { secret, headers, ...shown } = destination;
  const hidden = Object.keys(headers ?? {}).map((name) => [name, HIDDEN_SECRET] as const);
  return {
    ...shown,
    ...(secret && { secret: HIDDEN_SECRET }),
    ...(headers && { headers: Object.fromEntries(hidden) }),
  };
}

/** The stars, sent back in a change, leave a secret as it is, as long as the events go to the same host. */
function keepingSecrets(wanted: Destination, before: Destination): Destination {
  if ('topic' in wanted || 'topic' in before || new URL(wanted.url).host !== new URL(before.url).host) return wanted;
  const { secret, headers } = wanted;
  const kept = Object.entries(headers ?? {}).map(
    ([name, value]) => [name, value === HIDDEN_SECRET ? (before.headers?.[name] ?? value) : value] as const,
  );
  return {
    ...wanted,
    ...(secret === HIDDEN_SECRET && before.secret && { secret: before.secret }),
    ...(headers && { headers: Object.fromEntries(kept) }),
  };
}
