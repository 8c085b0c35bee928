import type { Progress } from '@app/worker-api';

/**
 * Notices that a function gets nowhere. An advance is a percentage above all before; from a function that tells
 * no percentage, another message. Telling the same again is none: a hung decoder goes on telling.
 */
export class StallWatch {
  readonly stalled: Promise<'stalled'>;
  private readonly over = new AbortController();
  private timer: NodeJS.Timeout;
  private percent = -1;
  private message: string | undefined;

  constructor(private readonly stallMs: number) {
    this.stalled = new Promise((resolve) => this.over.signal.addEventListener('abort', () => resolve('stalled')));
    this.timer = this.schedule();
  }

  progressed({ percent, message }: Progress): void {
    const hasAdvanced = percent === undefined ? this.percent < 0 && message !== this.message : percent > this.percent;
    this.percent = Math.max(this.percent, percent ?? -1);
    this.message = message;
    if (!hasAdvanced) return;
    clearTimeout(this.timer);
    this.timer = this.schedule();
  }

  close(): void {
    clearTimeout(this.timer);
  }

  private schedule(): NodeJS.Timeout {
    return setTimeout(() => this.over.abort(), this.stallMs);
  }
}
