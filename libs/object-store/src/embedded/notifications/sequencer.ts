/** Numbers that only grow, also over a restart (each object keeps its own) and when the clock is set back. */
export class Sequencer {
  private last = 0;

  next(): string {
    this.last = Math.max(this.last + 1, Date.now() * 1000);
    return this.last.toString(16).toUpperCase().padStart(16, '0');
  }

  /** Later numbers are above this one. */
  raise(sequencer: string): void {
    this.last = Math.max(this.last, Number.parseInt(sequencer, 16) || 0);
  }
}
