import type { Wakeups } from '@app/common';

/** A hint that something was deployed or deleted may be lost; then other processes notice after this long. */
const LIFETIME_MS = 1_000;
const MAX_NAMES = 10_000;

/**
 * What names stand for at the moment. A process sees its own deployments at once, those of others as soon as the hint
 * arrives: some milliseconds, a second if it gets lost.
 */
export class NameCache<Value> {
  private readonly entries = new Map<string, { readonly value: Value; readonly until: number }>();
  private generation = 0;

  constructor(
    private readonly wakeups: Wakeups,
    private readonly topic: string,
  ) {
    wakeups.on(topic, () => this.clear());
  }

  async get(name: string, find: () => Promise<Value>): Promise<Value> {
    const known = this.entries.get(name);
    if (known && known.until > performance.now()) return known.value;
    const { generation } = this;
    const value = await find();
    if (this.entries.size >= MAX_NAMES) this.entries.clear();
    // What was read before a deployment and comes after it would be wrong for a whole lifetime.
    if (generation === this.generation) this.entries.set(name, { value, until: performance.now() + LIFETIME_MS });
    return value;
  }

  /** Once the current transaction is committed, everywhere. */
  forget(): void {
    this.wakeups.wake(this.topic);
  }

  private clear(): void {
    this.generation++;
    this.entries.clear();
  }
}
