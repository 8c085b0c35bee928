/** One for all: an error made for each would have its stack traced. */
const OVER = new DOMException('It is over', 'AbortError');

/** An abort of one's own that the parent's abort also fires. `release` it, or the parent keeps it for ever. */
export class ChildAbort {
  private readonly controller = new AbortController();
  private readonly follow = (): void => this.controller.abort(OVER);

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
    this.controller.abort(OVER);
  }
}
