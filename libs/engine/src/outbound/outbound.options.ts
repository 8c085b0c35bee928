import type { Reach } from './reach.js';

/** What may be called at all for those who name addresses. */
export class OutboundOptions {
  readonly reach: Reach = 'any';

  constructor(given: { readonly reach?: Reach } = {}) {
    if (given.reach !== undefined) this.reach = given.reach;
  }
}
