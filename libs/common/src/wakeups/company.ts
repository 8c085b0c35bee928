/** How often a process says that it is there. */
export const PRESENT_EVERY_MS = 10_000;
/** Who has said nothing for so long is gone. */
const GONE_MS = 3 * PRESENT_EVERY_MS + 5_000;

/** The other processes on the same database, as far as they have been heard of. */
export class Company {
  private readonly heard = new Map<string, number>();

  hear(name: string): void {
    this.heard.set(name, performance.now());
  }

  /** Then there is nobody to send a hint to. */
  get isNone(): boolean {
    const now = performance.now();
    for (const [name, at] of this.heard) if (now - at > GONE_MS) this.heard.delete(name);
    return this.heard.size === 0;
  }
}
