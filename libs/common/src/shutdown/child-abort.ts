/** An abort of one's own that the parent's abort also fires. `release` it, or the parent keeps it for ever. */
export class ChildAbort {
  private readonly controller = new AbortController();
  private readonly follow = (): void => this.controller.abort();

  constructor(private readonly parent: AbortSignal | undefined) {
    if (parent?.aborted) this.follow();
    else parent?.addEventListener('abort', this.follow, { once: true });
  }

  get signal(): AbortSignal {
    return this.controller.signal;
  }

  /** Aborts, and lets go of the parent. */
  release(): void {
    this.parent?.removeEventListener('abort', this.follow);
    this.controller.abort();
  }
}
