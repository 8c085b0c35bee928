export interface NewMessage {
  /** Messages with the same key keep their order. */
  readonly key?: string;
  readonly value: Buffer;
  /** There is no value, which is not an empty one: on a compacted topic, what the key stood for is gone. */
  readonly isTombstone?: boolean;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Where a message stands: the offset counts within the partition, as text because it may pass 2^53. */
export interface Position {
  readonly partition: number;
  readonly offset: string;
}

export interface Message extends NewMessage, Position {
  readonly topic: string;
  /** The key is no text: these are its bytes, and `key` has them in base64. */
  readonly isKeyBinary?: boolean;
  readonly headers: Readonly<Record<string, string>>;
  readonly publishedAt: Date;
}

export interface Reading {
  readonly topic: string;
  /** Subscriptions with the same topic and group share the messages, in this process or another. */
  readonly group: string;
}

/** A time stands for the first message that is not older. */
export type Start = 'latest' | 'earliest' | Date;

export interface NewSubscription extends Reading {
  /** Where a group begins that has never read the topic. Afterwards its place is kept. */
  readonly from: Start;
  /** Asked before each batch is given: while it says no, messages stay in the topic. */
  readonly isReady?: () => Promise<boolean>;
}

/** How far a group has read a partition. `end` is where the next message will stand. */
export interface Place {
  readonly partition: number;
  /** Where the group reads on; undefined if it has no place yet. */
  readonly offset: string | undefined;
  readonly end: string;
}

/** Must not be called again for the same messages once it has resolved. */
export type HandleMessages = (messages: readonly Message[]) => Promise<void>;

export interface Subscription {
  /** Waits for the batch in hand. */
  close(): Promise<void>;
}

/** Topics: ordered messages that stay, and groups that each read all of them. */
export abstract class EventBus {
  /**
   * Resolves once the messages are stored, with the place of each. A topic exists from its first message.
   * On Postgres a publish joins the current transaction; on Kafka it is immediate and cannot be taken back.
   */
  abstract publish(topic: string, messages: readonly NewMessage[]): Promise<Position[]>;

  /**
   * Resolves once the group's place is fixed: whatever is published from then on is delivered. The place
   * moves on only after `handle` resolved; a batch that it rejected comes again, with back-off, and nothing
   * behind it on the same partition comes before. On Postgres `handle` runs in the transaction that also
   * moves the place on, so its own `database.transaction` and that move happen both or not at all.
   */
  abstract subscribe(subscription: NewSubscription, handle: HandleMessages): Promise<Subscription>;

  /** How far a group is, by partition. Of a topic that nobody has used, nothing. */
  abstract places(reading: Reading): Promise<Place[]>;

  /**
   * Puts a group to another place; positions may name some partitions only. On Kafka nobody may read in the group
   * meanwhile: `GroupIsRead`.
   */
  abstract move(reading: Reading, to: Start | readonly Position[]): Promise<void>;

  /** Forgets the place of a group that reads no more. Its subscriptions must be closed. */
  abstract forget(reading: Reading): Promise<void>;

  /** Removes messages published before a time that every group has read; to how many. Kafka's brokers do that themselves. */
  abstract trimAll(before: Date): Promise<number>;
}

/** The most messages that one call of `handle` gets. */
export const MAX_BATCH = 250;

/** Who was not ready is asked again after this long. */
export const NOT_READY_MS = 500;

const FIRST_RETRY_MS = 200;
const LAST_RETRY_MS = 30_000;

/** How long to wait before a batch that was rejected `failures` times comes again. */
export const retryDelayMs = (failures: number): number =>
  Math.min(FIRST_RETRY_MS * 2 ** Math.min(failures - 1, 20), LAST_RETRY_MS);
