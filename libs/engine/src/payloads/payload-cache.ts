import type { ValueRef } from '@app/queue';
import type { Json } from '@app/workflow';

/** Of JSON; as values in memory they take some times as much. */
const MAX_BYTES = 32 * 1024 * 1024;

/**
 * Large values that were written or read lately. Whoever asks for one gets the same object, so a value is in memory
 * once, however many rows refer to it.
 */
export class PayloadCache {
  private readonly values = new Map<string, { readonly value: Json; readonly ref: ValueRef }>();
  private readonly loading = new Map<string, Promise<Json>>();
  private bytes = 0;

  async get(ref: ValueRef, load: () => Promise<Json>): Promise<Json> {
    const known = this.values.get(ref.key);
    if (known) {
      this.values.delete(ref.key);
      this.values.set(ref.key, known);
      return known.value;
    }
    const loading = this.loading.get(ref.key) ?? this.load(ref, load);
    return loading;
  }

  put(ref: ValueRef, value: Json): void {
    if (!this.values.has(ref.key)) this.bytes += ref.bytes;
    this.values.delete(ref.key);
    this.values.set(ref.key, { value, ref });
    for (const [key, oldest] of this.values) {
      if (this.bytes <= MAX_BYTES) break;
      this.values.delete(key);
      this.bytes -= oldest.ref.bytes;
    }
  }

  private load(ref: ValueRef, load: () => Promise<Json>): Promise<Json> {
    const loading = load()
      .then((value) => {
        this.put(ref, value);
        return value;
      })
      .finally(() => this.loading.delete(ref.key));
    this.loading.set(ref.key, loading);
    return loading;
  }
}
