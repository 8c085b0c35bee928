import { setTimeout as after } from 'node:timers';

export interface DeliveryOptions {
  readonly limit: number;
  readonly firstBackoffMs: number;
  readonly maxBackoffMs: number;
}

const DEFAULTS: DeliveryOptions = { limit: 16, firstBackoffMs: 100, maxBackoffMs: 30_000 };

/**
 * Hands items to one listener: several at a time, those of one key one after another. An item that is rejected is
 * handed over again after a back-off; until then it holds up its key only, and no slot.
 */
export class InOrderDelivery<T> {
  private readonly queues = new Map<string, T[]>();
  private readonly ready = new Set<string>();
  private readonly failures = new Map<string, number>();
  private readonly options: DeliveryOptions;
  private handle: ((item: T) => Promise<void>) | undefined;
  private session: Promise<void> = Promise.resolve();
  private active = 0;
  private idle: () => void = () => {};

  constructor(options: Partial<DeliveryOptions> = {}) {
    this.options = { ...DEFAULTS, ...options };
  }

  add(key: string, item: T): void {
    const queue = this.queues.get(key);
    if (queue) {
      queue.push(item);
      return;
    }
    this.queues.set(key, [item]);
    this.ready.add(key);
    this.pump();
  }

  /** Until the signal aborts and what is in hand is done. One listener at a time; the next waits its turn. */
  async run(handle: (item: T) => Promise<void>, signal: AbortSignal): Promise<void> {
    const session = this.session.then(() => this.listen(handle, signal));
    this.session = session;
    await session;
  }

  private async listen(handle: (item: T) => Promise<void>, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    this.handle = handle;
    this.pump();
    await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
    this.handle = undefined;
    if (this.active > 0) await new Promise<void>((resolve) => (this.idle = resolve));
  }

  private pump(): void {
    for (const key of this.ready) {
      if (!this.handle || this.active >= this.options.limit) return;
      this.ready.delete(key);
      this.active++;
      void this.deliverFirst(key, this.handle).finally(() => {
        if (--this.active === 0) this.idle();
        this.pump();
      });
    }
  }

  private async deliverFirst(key: string, handle: (item: T) => Promise<void>): Promise<void> {
    const queue = this.queues.get(key)!;
    try {
      await handle(queue[0]!);
    } catch {
      this.retryLater(key);
      return;
    }
    this.failures.delete(key);
    queue.shift();
    if (queue.length > 0) this.ready.add(key);
    else this.queues.delete(key);
  }

  private retryLater(key: string): void {
    const failures = this.failures.get(key) ?? 0;
    this.failures.set(key, failures + 1);
    const backoff = Math.min(this.options.maxBackoffMs, this.options.firstBackoffMs * 2 ** failures);
    after(
      () => {
        this.ready.add(key);
        this.pump();
      },
      backoff * (0.5 + Math.random() / 2),
    ).unref();
  }
}
