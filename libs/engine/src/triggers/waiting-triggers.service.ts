import { type CloudEvent, type Fact, factsAskedFor, type Matchable, OBJECT_CREATED, TriggerIndex } from '@app/events';
import { Injectable } from '@nestjs/common';
import type { Trigger } from './trigger.js';
import { TriggerRevisionRepository } from './trigger-revision.repository.js';
import { TriggersService } from './triggers.service.js';

/** A trigger without what it asks of facts that only the store knows. */
type Asking = Matchable & { readonly facts: readonly Fact[] };

interface Snapshot {
  readonly token: string;
  readonly byNamespace: ReadonlyMap<string, TriggerIndex<Trigger>>;
  readonly asking: ReadonlyMap<string, TriggerIndex<Asking>>;
  /** By bucket: the namespaces in which triggers wait for markers. */
  readonly marking: ReadonlyMap<string, ReadonlySet<string>>;
}

/**
 * The triggers that are on, compiled and kept in memory. Each question first asks the database whether they are still
 * the same, which costs one small read however many they are; so a trigger counts from its commit on, in every process.
 */
@Injectable()
export class WaitingTriggersService {
  private snapshot: Snapshot | undefined;

  constructor(
    private readonly triggers: TriggersService,
    private readonly revision: TriggerRevisionRepository,
  ) {}

  /** Those of the namespace that wait for the event, the oldest first. */
  async listMatching(namespace: string, event: CloudEvent<unknown>): Promise<Trigger[]> {
    return (await this.current()).byNamespace.get(namespace)?.match(event) ?? [];
  }

  /** As `listMatching`, of each of many. */
  async listMatchingEach(
    asked: readonly (readonly [namespace: string, event: CloudEvent<unknown>])[],
  ): Promise<Trigger[][]> {
    const { byNamespace } = await this.current();
    return asked.map(([namespace, event]) => byNamespace.get(namespace)?.match(event) ?? []);
  }

  /** Where anybody waits for the event, or may do so when more is known about the object. */
  async namespacesAwaiting(event: CloudEvent<unknown>): Promise<string[]> {
    const { byNamespace, asking } = await this.current();
    return [...byNamespace].flatMap(([namespace, index]) =>
      index.match(event).length > 0 || asks(asking.get(namespace), event) ? [namespace] : [],
    );
  }

  /** Whether a trigger of the namespace asks for what the event does not say, and the store can. */
  async askMore(namespace: string, event: CloudEvent<unknown>): Promise<boolean> {
    return asks((await this.current()).asking.get(namespace), event);
  }

  /** Where triggers wait for objects of the bucket that say that others are complete. */
  async namespacesWithMarkers(bucket: string): Promise<readonly string[]> {
    return [...((await this.current()).marking.get(bucket) ?? [])];
  }

  private async current(): Promise<Snapshot> {
    // The token first: triggers that are newer than it are read again next time, older ones never stay.
    const token = await this.revision.token();
    if (this.snapshot?.token === token) return this.snapshot;
    const groups = new Map<string, Trigger[]>();
    for (const trigger of await this.triggers.listAllEnabled()) {
      const group = groups.get(trigger.namespace);
      if (group) group.push(trigger);
      else groups.set(trigger.namespace, [trigger]);
    }
    this.snapshot = {
      token,
      byNamespace: indexes(groups, (trigger) => [trigger]),
      asking: indexes(groups, askingOf),
      marking: markingOf([...groups.values()].flat()),
    };
    return this.snapshot;
  }
}

const indexes = <One extends Matchable>(
  groups: ReadonlyMap<string, readonly Trigger[]>,
  toEntries: (trigger: Trigger) => One[],
): Map<string, TriggerIndex<One>> =>
  new Map([...groups].map(([namespace, group]) => [namespace, new TriggerIndex(group.flatMap(toEntries))]));

function askingOf(trigger: Trigger): Asking[] {
  if (trigger.kind !== 'object') return [];
  const facts = factsAskedFor(trigger);
  if (facts.length === 0) return [];
  const { size: _size, contentType: _type, metadata: _metadata, ...source } = trigger.source;
  return [{ name: trigger.name, kind: 'object', source, facts }];
}

function asks(index: TriggerIndex<Asking> | undefined, event: CloudEvent<unknown>): boolean {
  if (event.type !== OBJECT_CREATED) return false;
  const known = event.data as Readonly<Record<string, unknown>>;
  return (index?.match(event) ?? []).some(({ facts }) => facts.some((fact) => known[fact] === undefined));
}

function markingOf(triggers: readonly Trigger[]): Map<string, Set<string>> {
  const marking = new Map<string, Set<string>>();
  for (const { kind, source, namespace } of triggers) {
    if (kind !== 'object' || !source.settle || !('marker' in source.settle)) continue;
    marking.set(source.bucket, (marking.get(source.bucket) ?? new Set()).add(namespace));
  }
  return marking;
}
