import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { EventBus, HandleMessages, Message, NewSubscription, Subscription } from './event-bus.js';

export interface BusUnderTest {
  readonly bus: EventBus;
  /** A second client of the same bus, as another process would have. */
  readonly other: EventBus;
  /** Closes both. */
  readonly stop: () => Promise<void>;
}

/** A topic that nobody has used. */
export const freshTopic = (): string => `test.${randomUUID()}`;

export const text = (value: string, key = 'k') => ({ key, value: Buffer.from(value) });

/** Waits for what must become true; the time limit is the test's own. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await sleep(5);
}

/** Holds up whoever waits for it, until it is opened. */
export class Gate {
  open: () => void;
  readonly opened = new Promise<void>((resolve) => {
    this.open = resolve;
  });
}

/** A group that writes down what it was given. */
export class Reader {
  readonly messages: Message[] = [];
  private subscription: Subscription | undefined;

  /** `work` sees each batch before it counts as received. */
  static async open(
    bus: EventBus,
    subscription: Partial<NewSubscription> & { topic: string },
    work: HandleMessages = async () => {},
  ): Promise<Reader> {
    const reader = new Reader();
    reader.subscription = await bus.subscribe(
      { group: 'group', from: 'earliest', ...subscription },
      async (messages) => {
        await work(messages);
        reader.messages.push(...messages);
      },
    );
    return reader;
  }

  get values(): string[] {
    return this.messages.map(({ value }) => value.toString());
  }

  async received(count: number): Promise<string[]> {
    await until(() => this.messages.length >= count);
    return this.values;
  }

  async close(): Promise<void> {
    await this.subscription?.close();
  }
}
