/** Remembers things that never change, the most recently used `size` of them. */
export class ImmutableCache<Value> {
  private readonly entries = new Map<string, Value>();
  private latest: string | undefined;

  constructor(private readonly size: number) {}

  get(key: string): Value | undefined {
    const value = this.entries.get(key);
    if (value === undefined || key === this.latest) return value;
    this.entries.delete(key);
    return this.set(key, value);
  }

  set(key: string, value: Value): Value {
    this.entries.set(key, value);
    this.latest = key;
    if (this.entries.size <= this.size) return value;
    const [oldest] = this.entries.keys();
    if (oldest !== undefined) this.entries.delete(oldest);
    return value;
  }
}
