import { randomUUID } from 'node:crypto';
import { Database, InvalidRequest, parse, Wakeups } from '@app/common';
import { nextFireTime, type TriggerKind } from '@app/events';
import { Injectable } from '@nestjs/common';
import { In } from 'typeorm';
import { jitterMs } from '../schedules/jitter.js';
import { FunctionEntity } from '../functions/function.entity.js';
import { SYSTEM_NAMESPACE } from '../namespaces/namespaces.js';
import { isQualifier, parseQualified } from '../workflows/qualifier.js';
import { readingOf } from '../topics/reading.js';
import { findVisible } from '../workflows/visible-workflow.js';
import { type CheckedTrigger, type NewTrigger, newTrigger, type TriggerTarget } from './new-trigger.js';
import { NextTickRepository } from './next-tick.repository.js';
import { SelfTriggersService } from './self/self-triggers.service.js';
import {
  type DeployedTrigger,
  type ScheduleTrigger,
  toTrigger,
  type Trigger,
  type TriggerByKind,
  type WebhookTrigger,
} from './trigger.js';
import { TriggerEntity } from './trigger.entity.js';
import { keepingSecret } from './trigger-secrets.js';
import { templateProblems } from './transformation.js';
import { TriggerNameTaken, TriggerNotFound } from './triggers.errors.js';

/** Who listens to sources looks again when this is woken. */
export const TRIGGERS_TOPIC = 'triggers';
const NAME = { id: true, name: true } as const;

@Injectable()
export class TriggersService {
  constructor(
    private readonly database: Database,
    private readonly wakeups: Wakeups,
    private readonly ticks: NextTickRepository,
    private readonly selves: SelfTriggersService,
  ) {}

  async create(namespace: string, wanted: NewTrigger): Promise<DeployedTrigger> {
    const checked = check(wanted);
    return this.database.transaction(async () => {
      await this.lockTarget(namespace, checked.target);
      const warnings = await this.selves.check(namespace, checked);
      const id = randomUUID();
      const row = { id, namespace, ...columns(checked), name: checked.name };
      await this.checkPath(namespace, checked);
      const { manager } = this.database;
      const inserted = await manager
        .createQueryBuilder()
        .insert()
        .into(TriggerEntity)
        .values(row as never)
        .orIgnore()
        .returning('id')
        .execute();
      if ((inserted.raw as unknown[]).length === 0) throw new TriggerNameTaken(checked.name);
      return { ...(await this.changed(id)), warnings };
    });
  }

  /** Replaces all of it but its name. */
  async update(namespace: string, name: string, wanted: unknown): Promise<DeployedTrigger> {
    const checked = check({ ...(wanted as object), name });
    return this.database.transaction(async () => {
      const { manager } = this.database;
      const lock = { mode: 'pessimistic_write' } as const;
      const before = await manager.findOne(TriggerEntity, { where: { namespace, name }, lock });
      if (!before) throw new TriggerNotFound(name);
      await this.lockTarget(namespace, checked.target);
      await this.checkPath(namespace, checked);
      const warnings = await this.selves.check(namespace, checked);
      const change = { ...columns(keepingSecret(checked, before)), updatedAt: () => 'now()' };
      await manager.update(TriggerEntity, { id: before.id }, change as never);
      return { ...(await this.changed(before.id, toTrigger(before))), warnings };
    });
  }

  /** What would be made of this, and what would be said about it; nothing is made. */
  async inspect(namespace: string, wanted: unknown): Promise<DeployedTrigger> {
    const checked = check(wanted);
    return this.database.transaction(async () => {
      await this.lockTarget(namespace, checked.target);
      const warnings = await this.selves.check(namespace, checked);
      const now = new Date();
      const row = { id: randomUUID(), namespace, name: checked.name, createdAt: now, updatedAt: now };
      return { ...toTrigger({ ...row, ...columns(checked) } as TriggerEntity), warnings };
    });
  }

  async get(namespace: string, name: string): Promise<Trigger> {
    const found = await this.find(namespace, name);
    if (!found) throw new TriggerNotFound(name);
    return found;
  }

  async find(namespace: string, name: string): Promise<Trigger | undefined> {
    const found = await this.database.manager.findOneBy(TriggerEntity, { namespace, name });
    return found ? toTrigger(found) : undefined;
  }

  async list(namespace: string): Promise<Trigger[]> {
    const rows = await this.database.manager.find(TriggerEntity, { where: { namespace }, order: { name: 'asc' } });
    return rows.map(toTrigger);
  }

  /** Of all namespaces and kinds, the oldest first. */
  async listAllEnabled(): Promise<Trigger[]> {
    const order = { createdAt: 'asc', id: 'asc' } as const;
    const rows = await this.database.manager.find(TriggerEntity, { where: { enabled: true }, order });
    return rows.map(toTrigger);
  }

  /** Of all namespaces: what sources must listen for. */
  async listEnabled<Kind extends TriggerKind>(kind: Kind): Promise<TriggerByKind[Kind][]> {
    const where = { kind, enabled: true };
    const rows = await this.database.manager.find(TriggerEntity, { where, order: { createdAt: 'asc' } });
    return rows.map(toTrigger) as TriggerByKind[Kind][];
  }

  /** As `listEnabled`, with those that rest. */
  async listOf<Kind extends TriggerKind>(kind: Kind): Promise<TriggerByKind[Kind][]> {
    const rows = await this.database.manager.find(TriggerEntity, { where: { kind }, order: { createdAt: 'asc' } });
    return rows.map(toTrigger) as TriggerByKind[Kind][];
  }

  /** Names by id, of those that are still there. */
  async listNames(ids: readonly string[]): Promise<Map<string, string>> {
    if (ids.length === 0) return new Map();
    const rows = await this.database.manager.find(TriggerEntity, { where: { id: In([...ids]) }, select: NAME });
    return new Map(rows.map(({ id, name }) => [id, name]));
  }

  /** It takes nothing until it is resumed. A topic trigger keeps its place, so it misses no message meanwhile. */
  async pause(namespace: string, name: string): Promise<Trigger> {
    return this.turn(namespace, name, 'off');
  }

  async resume(namespace: string, name: string): Promise<Trigger> {
    return this.turn(namespace, name, 'on');
  }

  async delete(namespace: string, name: string): Promise<void> {
    await this.database.transaction(async () => {
      const before = await this.get(namespace, name);
      await this.database.manager.delete(TriggerEntity, { id: before.id });
      await this.ticks.moveReading(readingOf(before), undefined);
      this.wakeups.wake(TRIGGERS_TOPIC);
    });
  }

  private async turn(namespace: string, name: string, to: 'on' | 'off'): Promise<Trigger> {
    return this.database.transaction(async () => {
      const { manager } = this.database;
      const lock = { mode: 'pessimistic_write' } as const;
      const before = await manager.findOne(TriggerEntity, { where: { namespace, name }, lock });
      if (!before) throw new TriggerNotFound(name);
      const change = { enabled: to === 'on', updatedAt: () => 'now()' };
      await manager.update(TriggerEntity, { id: before.id }, change as never);
      return this.changed(before.id, toTrigger(before));
    });
  }

  /** Reads back what was written and brings what follows from it up to date, in the same transaction. */
  private async changed(id: string, before?: Trigger): Promise<Trigger> {
    const after = toTrigger(await this.database.manager.findOneByOrFail(TriggerEntity, { id }));
    if (after.kind !== 'schedule' || !after.enabled) {
      await this.ticks.delete(id);
    } else if (!before || !isSameSchedule(before, after)) {
      await this.schedule(after);
    }
    await this.ticks.moveReading(before && readingOf(before), readingOf(after));
    this.wakeups.wake(TRIGGERS_TOPIC);
    return after;
  }

  private async schedule({ id, source, createdAt }: ScheduleTrigger): Promise<void> {
    const next = nextFireTime({ ...source, anchorMs: createdAt.getTime() }, await this.ticks.now());
    if (next === undefined) return this.ticks.delete(id);
    await this.ticks.save(id, new Date(next), jitterMs(id, next, source.jitterSeconds));
  }

  /** The webhook trigger that is called at a path. */
  async findWebhook(namespace: string, path: string): Promise<WebhookTrigger | undefined> {
    const found = await this.database.manager
      .createQueryBuilder(TriggerEntity, 'trigger')
      .where({ namespace, kind: 'webhook' })
      .andWhere("trigger.source->>'path' = :path", { path })
      .getOne();
    return found ? (toTrigger(found) as WebhookTrigger) : undefined;
  }

  private async checkPath(namespace: string, { kind, name, source }: CheckedTrigger): Promise<void> {
    const holder = kind === 'webhook' ? await this.findWebhook(namespace, source.path) : undefined;
    if (!holder || holder.name === name) return;
    throw new InvalidRequest([{ pointer: '/source/path', message: `is taken by the trigger ${holder.name}` }]);
  }

  /** Makes sure that the target is there, and stays until the transaction ends. */
  private async lockTarget(namespace: string, target: TriggerTarget): Promise<void> {
    const { manager } = this.database;
    const lock = { mode: 'pessimistic_read' } as const;
    if ('workflow' in target) {
      const { name, qualifier } = parseQualified(target.workflow);
      const owner = await findVisible(manager, { namespace, name }, lock);
      if (owner && (await isQualifier(manager, owner.id, qualifier))) return;
      const what = owner ? `version or alias ${target.workflow}` : `workflow ${name}`;
      throw new InvalidRequest([{ pointer: '/target/workflow', message: `there is no ${what}` }]);
    }
    const where = { namespace: In([namespace, SYSTEM_NAMESPACE]), name: target.function };
    if (await manager.findOne(FunctionEntity, { where, lock })) return;
    throw new InvalidRequest([{ pointer: '/target/function', message: `there is no function ${target.function}` }]);
  }
}

function check(wanted: unknown): CheckedTrigger {
  const checked = parse(newTrigger, wanted);
  if (checked.kind === 'event' && !checked.pattern && !checked.source.types && !checked.source.sources) {
    throw new InvalidRequest([
      { pointer: '/pattern', message: 'is required, or types or sources: else every event would start it' },
    ]);
  }
  if (checked.executionName !== undefined && !('workflow' in checked.target)) {
    throw new InvalidRequest([{ pointer: '/executionName', message: 'must not be given: only executions have names' }]);
  }
  const problems = templateProblems(checked as Pick<Trigger, 'input' | 'queryLanguage' | 'executionName'>);
  if (problems.length > 0) throw new InvalidRequest(problems);
  return checked;
}

const columns = (trigger: CheckedTrigger) => {
  const { kind, source, target, input, pattern, enabled, queryLanguage, executionName } = trigger;
  return {
    kind,
    source,
    target,
    input: input ?? null,
    queryLanguage: queryLanguage ?? null,
    executionName: executionName ?? null,
    pattern: pattern ?? null,
    enabled,
  };
};

/** A schedule that keeps its times keeps its next tick, however late it is: none is lost by an edit. */
function isSameSchedule(before: Trigger, after: ScheduleTrigger): boolean {
  if (before.kind !== 'schedule' || !before.enabled) return false;
  const times = ['cron', 'timezone', 'start', 'end', 'jitterSeconds'] as const;
  return times.every((part) => before.source[part] === after.source[part]);
}
