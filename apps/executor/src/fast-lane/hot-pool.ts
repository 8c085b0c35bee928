import { setTimeout as sleep } from 'node:timers/promises';
import { partOf, plus, type StopReason } from '@app/sandbox';
import type { Assignment, Usage } from '@app/worker-api';
import { Logger } from '@nestjs/common';
import { folderMark } from './folder-mark.js';
import { HotMembers, type Member } from './hot-members.js';
import { failed, type PoolCall, type Scratch } from './pool-call.js';
import type { WorkFolders } from '../files/work-folders.js';
import type { WarmInstance, WarmInstances } from '../warm/warm-instances.js';

/** Unused for so long, it stands still again and what it takes of this machine is free. */
const HOT_IDLE_MS = 100;
/** How often the instances are measured, and looked over for what they must not have left behind. */
const LAP_MS = 100;
/** After so long without a pause it gives its place up once, if others may wait for one. */
const STINT_MS = 1_000;
const BREATHER_MS = 50;
/** A call that waits longer for an instance is worth another one, if there is room. */
const NEW_AFTER_MS = 20;
/** Calls that wait for each instance: what is on its way while it works. More are better off elsewhere. */
const WAITING_PER_INSTANCE = 4;

export interface PoolTools {
  readonly warm: WarmInstances;
  readonly folders: WorkFolders;
  /** Room for one more instance; what gives it back, or undefined. */
  readonly reserve: (resources: Assignment['resources']) => (() => void) | undefined;
  /** One more, from nothing. */
  readonly start: () => Promise<Pick<WarmInstance, 'handler' | 'work'>>;
  /** Whether a task that was claimed waits for room. */
  readonly isWanted: () => boolean;
  /** Whether others could be waiting for room elsewhere, because none is offered here. */
  readonly isCrowded: () => boolean;
  readonly onChange: () => void;
  /** What each of these calls took, at a mean. */
  readonly onMeasured: (calls: readonly PoolCall[], usage: Partial<Usage>) => void;
}

/** The instances of one version that go on between calls, and the calls that wait for one of them. */
export class HotPool {
  private readonly logger = new Logger(HotPool.name);
  private readonly members: HotMembers;
  private readonly waiting: PoolCall[] = [];
  private waking = 0;
  /** On their way to standing still: one moment later they can be woken. */
  private resting = 0;
  private pausedUntil = 0;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly tools: PoolTools,
    private readonly key: string,
    private readonly resources: Assignment['resources'],
    /** How many calls each instance serves at the same time. */
    private readonly concurrency = 1,
  ) {
    this.members = new HotMembers(concurrency);
  }

  /** Calls that its instances serve at the same time, or could. */
  get places(): number {
    return (this.there + this.tools.warm.count(this.key)) * this.concurrency;
  }

  private get there(): number {
    return this.members.size + this.waking + this.resting;
  }

  /** Calls that need no room of their own. */
  get freePlaces(): number {
    return Math.max(0, this.members.freePlaces + this.waking * this.concurrency - this.waiting.length);
  }

  call(call: PoolCall): void {
    const member = this.members.takePlace();
    if (member) return void this.run(member, call);
    this.waiting.push(call);
    call.stop = () => this.withdraw(call);
    this.grow();
    const most = this.there * this.concurrency * WAITING_PER_INSTANCE;
    if (this.waiting.length > most) this.withdraw(call);
  }

  /** Those that have nothing to do stand still: room is needed, or the end is near. */
  async yield(): Promise<void> {
    this.pausedUntil = Math.max(this.pausedUntil, performance.now() + BREATHER_MS);
    await Promise.all(this.members.takeIdle().map((member) => this.rest(member)));
  }

  stopAll(reason: StopReason): void {
    for (const { hot } of this.members) hot.stop(reason);
  }

  private withdraw(call: PoolCall): void {
    const at = this.waiting.indexOf(call);
    if (at >= 0) this.waiting.splice(at, 1);
    if (at >= 0) call.onDeclined();
  }

  /** A warm instance is woken, or one more begun if there is none or somebody waits for long, if there is room. */
  private grow(): void {
    const now = performance.now();
    const isWarm = this.tools.warm.count(this.key) > 0;
    const isLong = now - (this.waiting[0]?.cameAt ?? now) > NEW_AFTER_MS && this.waking === 0;
    const isFirst = this.concurrency > 1 && this.there === 0;
    if (now < this.pausedUntil || !(isWarm || isLong || isFirst)) return;
    // Those that wait have their places in what comes.
    if (this.concurrency > 1 && this.waking * this.concurrency >= this.waiting.length) return;
    const release = this.tools.reserve(this.resources);
    if (!release) return;
    const warm = isWarm ? this.tools.warm.take(this.key) : undefined;
    this.waking++;
    void this.wake(warm, release).finally(() => {
      this.waking--;
      this.next();
    });
  }

  private async wake(warm: WarmInstance | undefined, release: () => void): Promise<void> {
    let found: Pick<WarmInstance, 'handler' | 'work'> | undefined = warm;
    try {
      const { handler, work } = (found ??= await this.tools.start());
      const hot = await handler.heat();
      const now = performance.now();
      const member: Member = {
        handler,
        hot,
        work,
        release,
        since: now,
        mark: folderMark(work),
        idleSince: now,
        inHand: 0,
        isLeaving: false,
        calls: [],
      };
      this.members.add(member);
      this.timer ??= setInterval(() => void this.tick(), LAP_MS / 2);
    } catch (error) {
      this.logger.warn(`An instance cannot be had: ${String(error)}`);
      if (found) this.tools.warm.end(found);
      release();
    }
    this.tools.onChange();
  }

  private next(): void {
    while (this.waiting.length > 0) {
      const member = this.members.takePlace();
      if (!member) break;
      void this.run(member, this.waiting.shift() as PoolCall);
    }
    if (this.waiting.length > 0) this.grow();
    if (this.there === 0) for (const call of this.waiting.splice(0)) call.onDeclined();
  }

  private async run(member: Member, call: PoolCall): Promise<void> {
    const { hot } = member;
    call.stop = (reason) => hot.stop(reason, call.id);
    const live = this.tools.warm.instances.of(member.handler);
    if (call.onMeasured) live?.begin(call.id);
    else live?.beginLaneCall();
    const end = await hot.serve(call, call).catch((error: unknown) => failed(error));
    delete call.stop;
    if (call.onMeasured) live?.end(call.id, end);
    else live?.endLaneCall(end);
    member.inHand--;
    if (hot.isDead) {
      this.members.leave(member);
      call.onEnd(end, await (member.burial ??= this.bury(member)));
      return this.next();
    }
    member.calls.push(call);
    if (call.onMeasured) this.lap(member);
    call.onEnd(end);
    if (this.concurrency === 1) await hot.settle(call.id);
    await this.goOn(member);
    this.next();
  }

  /** It takes another call, or rests once it serves none. */
  private async goOn(member: Member): Promise<void> {
    if (!this.members.has(member)) return; // It was not well.
    const now = performance.now();
    member.idleSince = now;
    if (!member.hot.isAlive || member.isLeaving) {
      this.members.leave(member);
      return member.inHand === 0 ? this.rest(member) : undefined;
    }
    const isOld = this.tools.isWanted() || (now - member.since > STINT_MS && this.tools.isCrowded());
    const isDirty = member.inHand === 0 && folderMark(member.work) !== member.mark;
    if (isOld) this.pausedUntil = Math.max(this.pausedUntil, now + BREATHER_MS);
    if (!isOld && !isDirty && this.tools.warm.isWelcome(member.handler)) return this.members.offer(member);
    this.members.leave(member);
    member.isLeaving = true;
    if (member.inHand === 0) await this.rest(member);
  }

  /** Every 50 ms: what has nothing to do goes, what is busy is measured. */
  private async tick(): Promise<void> {
    const now = performance.now();
    for (const member of this.members) if (member.hot.sinceLapMs >= LAP_MS && member.calls.length > 0) this.lap(member);
    if (this.waiting.length > 0) this.grow();
    await Promise.all(this.members.takeIdle(now - HOT_IDLE_MS).map((member) => this.rest(member)));
    if (this.members.size > 0) return;
    clearInterval(this.timer);
    this.timer = undefined;
  }

  /** What it took goes to the calls that it served. A process that was left behind is its end. */
  private lap(member: Member): void {
    const isIdle = member.inHand === 0 && member.hot.isAlive;
    if (isIdle && !member.hot.isWell && this.members.leave(member)) this.discard(member);
    const used = member.hot.lap();
    const calls = member.calls.splice(0);
    if (calls.length === 0) return;
    const counted = calls.filter(({ onMeasured }) => !onMeasured).length;
    if (counted > 0) this.tools.warm.instances.of(member.handler)?.served(counted);
    const part = partOf(used, 1 / calls.length);
    const alone = calls.filter((call) => call.onMeasured ?? member.hot.hasTaken(call));
    for (const call of alone) this.measured(call, plus(member.hot.takenBy(call), part));
    const together = calls.filter((call) => !alone.includes(call));
    if (together.length > 0) this.tools.onMeasured(together, part);
  }

  private measured(call: PoolCall, usage: Partial<Usage>): void {
    if (call.onMeasured) call.onMeasured(usage);
    else this.tools.onMeasured([call], usage);
  }

  /** It stands still, its folder is emptied, and it waits as any warm instance. */
  private async rest(member: Member): Promise<void> {
    this.members.remove(member); // What comes from now on waits until it can be woken.
    this.resting++;
    try {
      await this.toRest(member);
    } finally {
      this.resting--;
    }
    this.tools.onChange();
    this.next();
  }

  private async toRest(member: Member): Promise<void> {
    const { handler, work } = member;
    const isFit = await handler.rest();
    if (member.calls.length > 0) this.lap(member);
    if (!isFit) return this.discard(member);
    const isEmpty = await this.tools.folders.empty(work).catch((error: unknown) => {
      this.logger.warn(`The folder of an instance cannot be emptied: ${String(error)}`);
      return false;
    });
    member.release();
    if (isEmpty) this.tools.warm.put({ key: this.key, memoryMb: this.resources.memoryMb, work, handler });
    else this.tools.warm.end({ handler, work });
  }

  private discard(member: Member): void {
    this.members.remove(member);
    this.tools.warm.end(member);
    member.release();
    this.tools.onChange();
    this.next();
  }

  /** Nothing of it is alive. Its folder goes with it. */
  private async bury(member: Member): Promise<Scratch> {
    const begunAt = performance.now();
    this.members.remove(member);
    const { folders } = this.tools;
    const bytes = await folders.bytes(member.work).catch(() => 0);
    const freed = await folders.remove(member.work).then(
      () => true,
      () => false,
    );
    member.release();
    this.tools.onChange();
    return { freed, bytes, tookMs: Math.round(performance.now() - begunAt) };
  }

  /** Whoever waits is sent elsewhere, what is in hand may end for a while, and the rest is ended. */
  async close(patienceMs: number): Promise<void> {
    const end = performance.now() + patienceMs;
    this.pausedUntil = Number.POSITIVE_INFINITY;
    for (const call of this.waiting.splice(0)) call.onDeclined();
    while (this.there > 0) {
      await Promise.all(this.members.takeIdle().map((member) => this.rest(member)));
      if (performance.now() > end) this.stopAll('shutdown');
      await sleep(5);
    }
    clearInterval(this.timer);
  }
}
