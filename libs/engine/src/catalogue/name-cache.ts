import type { Wakeups } from '@app/common';

/** A hint that something was deployed or deleted may be lost; then other processes notice after this long. */
const LIFETIME_MS = 1_000;
const MAX_NAMES = 10_000;

interface Entry<Value> {
  readonly value: Promise<Value>;
  readonly until: number;
  settled?: { readonly value: Value };
}

/** At once if it is known here, else as soon as it has been asked for. */
export type Known<Value> = Value | Promise<Value>;

export const whenKnown = <Value, Result>(value: Known<Value>, use: (value: Value) => Known<Result>): Known<Result> =>
  value instanceof Promise ? value.then(use) : use(value);

/**
 * What names stand for at the moment. A process sees its own deployments at once, those of others as soon as the hint
 * arrives: some milliseconds, a second if it gets lost.
 */
export class NameCache<Value> {
  private readonly entries = new Map<string, Entry<Value>>();

  constructor(
    private readonly wakeups: Wakeups,
    private readonly topic: string,
  ) {
    wakeups.on(topic, () => this.entries.clear());
  }

  /** What is known is there at once: thousands of calls a second ask, and each promise costs them some. */
  get(name: string, find: () => Promise<Value>): Known<Value> {
    const known = this.entries.get(name);
    if (known && known.until > performance.now()) return known.settled ? known.settled.value : known.value;
    if (this.entries.size >= MAX_NAMES) this.entries.clear();
    const value = find();
    const entry: Entry<Value> = { value, until: performance.now() + LIFETIME_MS };
    this.entries.set(name, entry);
    // Whoever asks meanwhile waits for the same answer; a deployment clears it away, found or not.
    value.then(
      (found) => (entry.settled = { value: found }),
      () => this.entries.get(name) === entry && this.entries.delete(name),
    );
    return value;
  }

  /** Once the current transaction is committed, everywhere. */
  forget(): void {
    this.wakeups.wake(this.topic);
  }
}
