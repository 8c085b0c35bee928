/**
 * A signal that aborts after `timeoutMs` without `touch`, or with `outer`. Not AbortSignal.any: on Node 20 that
 * keeps what it made for as long as the outer signal lives, and ours lives as long as the executor.
 */
export class Deadline implements Disposable {
  private readonly controller = new AbortController();
  private timer: NodeJS.Timeout;
  private readonly onOuter = () => this.controller.abort(this.outer?.reason);

  constructor(
    private readonly timeoutMs: number,
    private readonly outer?: AbortSignal,
  ) {
    this.timer = this.schedule();
    if (outer?.aborted) this.onOuter();
    outer?.addEventListener('abort', this.onOuter, { once: true });
  }

  get signal(): AbortSignal {
    return this.controller.signal;
  }

  /** Something moved: begin anew. */
  touch(): void {
    clearTimeout(this.timer);
    this.timer = this.schedule();
  }

  [Symbol.dispose](): void {
    clearTimeout(this.timer);
    this.outer?.removeEventListener('abort', this.onOuter);
  }

  private schedule(): NodeJS.Timeout {
    return setTimeout(() => this.controller.abort(new Error(`nothing came for ${this.timeoutMs} ms`)), this.timeoutMs);
  }
}
