import { compareKeys } from './key-order.js';

/**
 * Values by key, and the keys in S3's order. An insert moves an array of pointers: about 30 µs at 100,000 keys.
 * All in memory, some 500 bytes an object: fit for a million objects, not for a hundred.
 */
export class KeyIndex<T> {
  private readonly values: Map<string, T>;
  private readonly keys: string[];

  constructor(entries: Iterable<readonly [string, T]> = []) {
    this.values = new Map(entries);
    this.keys = [...this.values.keys()].toSorted(compareKeys);
  }

  get size(): number {
    return this.keys.length;
  }

  get(key: string): T | undefined {
    return this.values.get(key);
  }

  set(key: string, value: T): void {
    if (!this.values.has(key)) this.keys.splice(this.positionFrom(key), 0, key);
    this.values.set(key, value);
  }

  delete(key: string): void {
    if (this.values.delete(key)) this.keys.splice(this.positionFrom(key), 1);
  }

  keyAt(position: number): string | undefined {
    return this.keys[position];
  }

  all(): IterableIterator<T> {
    return this.values.values();
  }

  /** Where the first key stands that is `key` or comes after it. */
  positionFrom(key: string): number {
    return this.firstWhere((candidate) => compareKeys(candidate, key) >= 0);
  }

  positionAfter(key: string): number {
    return this.firstWhere((candidate) => compareKeys(candidate, key) > 0);
  }

  /** Where the first key stands that comes after all those with the prefix. */
  positionAfterPrefix(prefix: string): number {
    return this.firstWhere((candidate) => compareKeys(candidate, prefix) > 0 && !candidate.startsWith(prefix));
  }

  private firstWhere(isBehind: (key: string) => boolean): number {
    let low = 0;
    let high = this.keys.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (isBehind(this.keys[middle]!)) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}
