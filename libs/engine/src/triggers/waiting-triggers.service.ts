import { type CloudEvent, TriggerIndex } from '@app/events';
import { Injectable } from '@nestjs/common';
import type { Trigger } from './trigger.js';
import { TriggerRevisionRepository } from './trigger-revision.repository.js';
import { TriggersService } from './triggers.service.js';

interface Snapshot {
  readonly token: string;
  readonly byNamespace: ReadonlyMap<string, TriggerIndex<Trigger>>;
  /** The namespaces in which a pattern asks for what only a look at the object tells. */
  readonly curious: ReadonlySet<string>;
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

  /** Where anybody waits for the event. */
  async namespacesAwaiting(event: CloudEvent<unknown>): Promise<string[]> {
    const { byNamespace } = await this.current();
    return [...byNamespace].filter(([, index]) => index.match(event).length > 0).map(([namespace]) => namespace);
  }

  /** Whether a pattern of the namespace asks for the type of an object, which no listing tells. */
  async askForType(namespace: string): Promise<boolean> {
    return (await this.current()).curious.has(namespace);
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
    const byNamespace = new Map([...groups].map(([namespace, group]) => [namespace, new TriggerIndex(group)]));
    const asking = [...groups].filter(([, group]) => group.some(({ pattern }) => asksForType(pattern)));
    this.snapshot = { token, byNamespace, curious: new Set(asking.map(([namespace]) => namespace)) };
    return this.snapshot;
  }
}

const asksForType = (pattern: unknown): boolean => (JSON.stringify(pattern) ?? '').includes('"contentType"');
