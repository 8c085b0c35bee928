import type { HandlerInstance, HotInstance } from '@app/sandbox';
import type { PoolCall, Scratch } from './pool-call.js';

export interface Member {
  readonly handler: HandlerInstance;
  readonly hot: HotInstance;
  readonly work: string;
  readonly release: () => void;
  readonly since: number;
  mark: string;
  idleSince: number;
  /** Calls that it serves now. */
  inHand: number;
  /** It takes no more, and goes when those in hand have ended. */
  isLeaving: boolean;
  /** Calls that have ended since the last lap. */
  calls: PoolCall[];
  burial?: Promise<Scratch>;
}

/** The instances of a pool, and which of them can take another call. */
export class HotMembers {
  private readonly all = new Set<Member>();
  private readonly free: Member[] = [];

  /** How many calls each serves at the same time. */
  constructor(readonly concurrency: number) {}

  get size(): number {
    return this.all.size;
  }

  get freePlaces(): number {
    return this.free.reduce((sum, { inHand, hot }) => sum + (hot.isAlive ? this.concurrency - inHand : 0), 0);
  }

  [Symbol.iterator](): IterableIterator<Member> {
    return this.all.values();
  }

  has(member: Member): boolean {
    return this.all.has(member);
  }

  add(member: Member): void {
    this.all.add(member);
    this.free.push(member);
  }

  remove(member: Member): void {
    this.leave(member);
    this.all.delete(member);
  }

  /** The lately used one that has a place free: it has one less from now on. One that comes to its end has none. */
  takePlace(): Member | undefined {
    const member = this.free.findLast(({ hot }) => hot.isAlive);
    if (member && ++member.inHand === this.concurrency) this.leave(member);
    return member;
  }

  /** It takes more calls. */
  offer(member: Member): void {
    if (!this.free.includes(member)) this.free.push(member);
  }

  /** It takes no more calls; false if it did not take any before. Whoever takes it out has it alone. */
  leave(member: Member): boolean {
    const at = this.free.indexOf(member);
    if (at >= 0) this.free.splice(at, 1);
    return at >= 0;
  }

  /** Those that serve nothing, and have done so since then; they take no more calls. */
  takeIdle(since = Number.POSITIVE_INFINITY): Member[] {
    const idle = this.free.filter(({ inHand, idleSince, hot }) => inHand === 0 && (idleSince <= since || !hot.isAlive));
    for (const member of idle) this.leave(member);
    return idle;
  }
}
