const TOLD_EVERY_MS = 500;

/** Rings when progress is to be told: at once, or some time after the last exchange that told all there was. */
export class ProgressBell {
  private toldAt = 0;
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly ring: () => void) {}

  told(): void {
    this.toldAt = performance.now();
  }

  moved(): void {
    const dueMs = this.toldAt + TOLD_EVERY_MS - performance.now();
    if (dueMs <= 0) this.ring();
    else this.timer ??= setTimeout(() => this.due(), dueMs).unref();
  }

  private due(): void {
    this.timer = undefined;
    this.ring();
  }
}
