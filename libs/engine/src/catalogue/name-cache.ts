import type { Wakeups } from '@app/common';

/** A hint that something was deployed or deleted may be lost; then other processes notice after this long. */
const LIFETIME_MS = 1_000;
const MAX_NAMES = 10_000;

/**
 * What names stand for at the moment. A process sees its own deployments at once, those of others as soon as the hint
 * arrives: some milliseconds, a second if it gets lost.
 */
export class NameCache<Value> {
  private readonly entries = new Map<string, { readonly value: Promise<Value>; readonly until: number }>();

  constructor(
    private readonly wakeups: Wakeups,
    private readonly topic: string,
  ) {
    wakeups.on(topic, () => this.entries.clear());
  }

  async get(name: string, find: () => Promise<Value>): Promise<Value> {
    const known = this.entries.get(name);
    if (known && known.until > performance.now()) return known.value;
    if (this.entries.size >= MAX_NAMES) this.entries.clear();
    const value = find();
    const entry = { value, until: performance.now() + LIFETIME_MS };
    this.entries.set(name, entry);
    // Whoever asks meanwhile waits for the same answer; a deployment clears it away, found or not.
    value.catch(() => this.entries.get(name) === entry && this.entries.delete(name));
    return value;
  }

  /** Once the current transaction is committed, everywhere. */
  forget(): void {
    this.wakeups.wake(this.topic);
  }
}
