import { Database, InvalidRequest } from '@app/common';
import type { CloudEvent } from '@app/events';
import { Injectable } from '@nestjs/common';
import { TriggersService } from '../triggers/triggers.service.js';
import { type DeadLetter, type DeadLetterFilter, DeadLetterRepository } from './dead-letter.repository.js';
import { DeadCalls } from './dead-calls.js';
import { DeadLetterNotFound } from './events.errors.js';
import type { EventStart } from './event.repository.js';
import { StartsService } from './starts.service.js';

interface EventPayload {
  readonly trigger: string;
  readonly event: CloudEvent<unknown>;
}

/** What could not be handled: looked at, tried again, or thrown away. */
@Injectable()
export class DeadLettersService {
  constructor(
    private readonly database: Database,
    private readonly letters: DeadLetterRepository,
    private readonly triggers: TriggersService,
    private readonly starts: StartsService,
    private readonly calls: DeadCalls,
  ) {}

  async list(namespace: string, filter: DeadLetterFilter): Promise<DeadLetter[]> {
    const { id } = filter.trigger === undefined ? {} : await this.triggers.get(namespace, filter.trigger);
    return this.letters.list(namespace, filter, id);
  }

  async get(namespace: string, id: string): Promise<DeadLetter> {
    return (await this.letters.find(namespace, id)) ?? DeadLetterNotFound.raise(id);
  }

  async delete(namespace: string, id: string): Promise<void> {
    if (!(await this.letters.delete(namespace, id))) throw new DeadLetterNotFound(id);
  }

  /**
   * Gives the event to its trigger again, as the trigger is now. What it started; nothing if it failed, and then it is
   * delivered again or lies with the dead letters anew. One that was redriven starts nothing a second time.
   */
  async redrive(namespace: string, id: string): Promise<EventStart | undefined> {
    return this.database.transaction(async () => {
      const letter = await this.letters.lock(namespace, id);
      if (!letter) throw new DeadLetterNotFound(id);
      const started = await this.again(namespace, letter);
      await this.letters.saveRedriven(id);
      return started;
    });
  }

  private async again(
    namespace: string,
    { kind, payload }: Pick<DeadLetter, 'kind' | 'payload'>,
  ): Promise<EventStart | undefined> {
    if (kind === 'invocation') return this.calls.invocation(namespace, payload);
    if (kind === 'destination') return this.calls.destination(namespace, payload);
    if (kind !== 'event') {
      const message = `must be of an event, an invocation or a destination; this is of a ${kind}`;
      throw new InvalidRequest([{ pointer: '/path/id', message }]);
    }
    const { trigger: name, event } = payload as EventPayload;
    return this.starts.startSettled(await this.triggers.get(namespace, name), event);
  }

  /** Those of a trigger that were not redriven, the oldest first; how many were given to it. */
  async redriveAll(namespace: string, trigger: string, limit: number): Promise<number> {
    const { id } = await this.triggers.get(namespace, trigger);
    const letters = await this.letters.listWaiting(namespace, id, limit);
    for (const letter of letters) await this.redrive(namespace, letter);
    return letters.length;
  }
}
