import { Injectable } from '@nestjs/common';

export interface EndedInvocation {
  readonly function: string;
  readonly lane: 'fast' | 'queue';
  readonly status: string;
  /** From its acceptance to its end. */
  readonly ms: number;
}

/** Tells of every run of a function that ends at this process, to whoever measures. */
@Injectable()
export class InvocationMeter {
  onEnded: (ended: EndedInvocation) => void = () => {};
}
