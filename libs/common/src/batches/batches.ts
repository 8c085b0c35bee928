export interface BatchOptions<Item, Result> {
  /** Batches that may be under way at the same time. */
  readonly lanes: number;
  /** The most items of one batch. */
  readonly limit: number;
  /** Items of one key are never under way in two batches. */
  keyOf(item: Item): string;
  /** A result for each item, in their order. All of them happen, or it throws and none has happened. */
  run(items: readonly Item[]): Promise<readonly Result[]>;
}

interface Waiting<Item, Result> {
  readonly item: Item;
  readonly key: string;
  resolve(result: Result): void;
  reject(reason: unknown): void;
}

/** Fewer are not worth a batch of their own. */
const SMALLEST_SHARE = 8;

/**
 * Group commit: what arrives while a batch is under way goes together into the next one. With nothing under way an
 * item goes at once, so batches cost no time where there is none to save.
 */
export class Batches<Item, Result> {
  private waiting: Waiting<Item, Result>[] = [];
  private readonly busy = new Set<string>();
  private lanes = 0;
  private scheduled = false;

  constructor(private readonly options: BatchOptions<Item, Result>) {}

  async add(item: Item): Promise<Result> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ item, key: this.options.keyOf(item), resolve, reject });
      this.schedule();
    });
  }

  /** At the end of this turn of the event loop: what the same turn has brought goes together. */
  private schedule(): void {
    if (this.scheduled) return;
    this.scheduled = true;
    setImmediate(() => {
      this.scheduled = false;
      this.start();
    });
  }

  private start(): void {
    while (this.lanes < this.options.lanes) {
      const batch = this.next();
      if (batch.length === 0) return;
      void this.process(batch);
    }
  }

  /**
   * The longest waiting that may go now; those of a busy key keep their place. A lane takes its share only: if one took
   * all, it would have the others wait for it, and then have nothing to do itself. What is of one key stays together.
   */
  private next(): Waiting<Item, Result>[] {
    const free = this.options.lanes - this.lanes;
    const share = Math.max(SMALLEST_SHARE, Math.ceil(this.waiting.length / free));
    const keys = new Set<string>();
    const batch: Waiting<Item, Result>[] = [];
    const rest: Waiting<Item, Result>[] = [];
    for (const one of this.waiting) {
      const fits = batch.length < this.options.limit && (batch.length < share || keys.has(one.key));
      if (fits && !this.busy.has(one.key)) {
        batch.push(one);
        keys.add(one.key);
      } else rest.push(one);
    }
    this.waiting = rest;
    return batch;
  }

  private async process(batch: readonly Waiting<Item, Result>[]): Promise<void> {
    this.lanes++;
    for (const { key } of batch) this.busy.add(key);
    await this.settle(batch);
    for (const { key } of batch) this.busy.delete(key);
    this.lanes--;
    if (this.waiting.length > 0) this.start();
  }

  /** One that cannot be taken must not keep the others back: those of a batch that fails are tried again each by itself. */
  private async settle(batch: readonly Waiting<Item, Result>[]): Promise<void> {
    try {
      const results = await this.options.run(batch.map(({ item }) => item));
      batch.forEach(({ resolve }, index) => resolve(results[index] as Result));
    } catch (error) {
      if (batch.length === 1) batch[0]?.reject(error);
      else await Promise.all(batch.map((one) => this.settle([one])));
    }
  }
}
