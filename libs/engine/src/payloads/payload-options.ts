/** How large a value in a workflow may be: what is larger is the failure States.DataLimitExceeded. */
export class PayloadOptions {
  /** As JSON. 16 MiB: each state that changes it makes another of its size, and a process has some in memory. */
  readonly maxBytes: number = 16 * 1024 * 1024;

  constructor(given: { readonly maxBytes?: number } = {}) {
    if (given.maxBytes !== undefined) this.maxBytes = given.maxBytes;
  }
}
