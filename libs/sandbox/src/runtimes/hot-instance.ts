import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises';
import type { Progress, Usage } from '@app/worker-api';
import type { OnLine } from '../lines.js';
import type { Instance, ResourceUsage } from '../sandbox.js';
import { conclude, type StopReason, type Supervised, type Trigger } from '../supervise.js';
import { CallWatches } from './call-watches.js';
import type { Door } from './door.js';
import { InstanceLines } from './instance-lines.js';
import { type BadEnd, endedBadly, endedWithAnother, type RunLimits } from './run-end.js';
import { type Answer, isOfHandler } from './runtime-answers.js';
import { partOf, plus, TimeShares } from './time-shares.js';

export interface HotCall extends RunLimits {
  readonly id: string;
  readonly event: Buffer;
  readonly functionArn: string;
  readonly graceMs: number;
  /** JSON, from the caller. */
  readonly clientContext?: string | undefined;
}

export interface HotListener {
  readonly onLine: OnLine;
  readonly onProgress: (progress: Progress) => void;
}

export type HotEnd = { readonly status: 'SUCCEEDED'; readonly output: Buffer; readonly usage: Usage } | BadEnd;

export interface HotParts {
  readonly instance: Instance;
  readonly door: Door;
  /** How many calls it serves at the same time. */
  readonly concurrency: number;
  /** How long its init phase took, once. */
  readonly initialised: () => { readonly initMs?: number };
}

/** One call in hand. */
interface Serving {
  readonly call: HotCall;
  readonly startedAt: number;
  /** On the clock of the shares. */
  readonly from: number;
  readonly watches: CallWatches;
  readonly settle: (end: HotEnd) => void;
  readonly fail: (error: unknown) => void;
  /** Why the instance has to end, as far as this call is concerned. */
  trigger?: Trigger;
  /** Its answer, if that is the end of the instance. */
  answer?: Answer;
}

/**
 * An instance that goes on between calls that follow each other closely, instead of standing still: a call is a message
 * to it and one back. What `HandlerInstance.call` does for each (cgroup, folders, pause) is done for many at once, by
 * whoever owns this; the ends other than an answer are the same, records of kills included.
 *
 * One that serves several calls at the same time ends with any of them that ends badly, for nothing less than the whole
 * process can be killed. It takes no more then, the others have the grace to come to their own end, and what is cut
 * off has an error of its own.
 */
export class HotInstance {
  private readonly inHand = new Map<string, Serving>();
  private readonly lines: InstanceLines;
  private readonly shares = new TimeShares();
  private readonly taken = new WeakMap<HotCall, ResourceUsage>();
  private measuredAt = performance.now();
  private ending: Promise<void> | undefined;
  private wasShort = false;
  private onFewer: () => void = () => {};
  /** It may serve more. */
  isAlive = true;
  /** Nothing of it is left. */
  isDead = false;

  constructor(private readonly parts: HotParts) {
    this.lines = new InstanceLines(parts.instance, parts.concurrency === 1);
    void parts.instance.exited.then(() => this.exited());
  }

  get concurrency(): number {
    return this.parts.concurrency;
  }

  /** Between here and `close` it reads what the instance prints. */
  open(): void {
    this.lines.open();
    this.measuredAt = performance.now();
  }

  close(): void {
    this.lines.close();
  }

  /** As many as its concurrency. After another end than an answer of the handler it takes no more: see `isAlive`. */
  serve(call: HotCall, listener: HotListener): Promise<HotEnd> {
    return new Promise((settle, fail) => {
      const end = (trigger: Trigger): void => this.endWith(serving, trigger);
      const processes = () => this.parts.instance.processes();
      const serving: Serving = {
        call,
        startedAt: performance.now(),
        from: this.shares.begin(),
        watches: new CallWatches(call, { work: this.parts.door.folders.work, processes }, end),
        settle,
        fail,
      };
      this.inHand.set(call.id, serving);
      this.lines.add(call.id, listener.onLine);
      void this.invoke(serving, listener).then((answer) => this.answered(serving, answer));
    });
  }

  /** Ends what it serves, and itself with it; of several calls only this one. */
  stop(reason: StopReason, id?: string): void {
    for (const serving of this.inHand.values())
      if (id === undefined || serving.call.id === id) this.endWith(serving, reason);
  }

  /** Once it has answered: what it printed before that is read, and belongs to this call. */
  async settle(id: string): Promise<void> {
    await turn();
    this.lines.remove(id);
  }

  /** What it took since the last time, but for what belongs to calls that are still in hand. */
  lap(): ResourceUsage {
    const used = this.parts.instance.usage();
    this.wasShort ||= (used.oomKills ?? 0) > 0;
    let left = 1;
    for (const { call, from } of this.inHand.values()) {
      const part = this.shares.partOfLap(from);
      left -= part;
      this.taken.set(call, plus(this.takenBy(call), partOf(used, part)));
    }
    this.shares.lap();
    this.parts.instance.measure();
    this.measuredAt = performance.now();
    return partOf(used, Math.max(0, left));
  }

  /** It has gone on over a lap. */
  hasTaken(call: HotCall): boolean {
    return this.taken.has(call);
  }

  /** What a call had taken at the laps before it ended. */
  takenBy(call: HotCall): ResourceUsage {
    return this.taken.get(call) ?? {};
  }

  get sinceLapMs(): number {
    return performance.now() - this.measuredAt;
  }

  /** Alone in its sandbox, and never short of memory. */
  get isWell(): boolean {
    const { instance } = this.parts;
    const expected = instance.expected();
    const hasOthers = instance.processes().some((pid) => !expected.has(pid));
    return this.isAlive && !hasOthers && !this.wasShort && (instance.usage().oomKills ?? 0) === 0;
  }

  private invoke({ call, watches }: Serving, listener: HotListener): Promise<Answer> {
    const { id, event, functionArn, timeoutMs, clientContext } = call;
    return this.parts.door.api.invoke({
      requestId: id,
      payload: null,
      event,
      deadlineMs: Date.now() + timeoutMs,
      functionArn,
      clientContext,
      inputs: {},
      outputs: {},
      variables: this.concurrency === 1 ? { SPOOL_TASK_ID: id, AWS_LAMBDA_LOG_STREAM_NAME: id } : {},
      onProgress: (progress) => {
        watches.progressed(progress);
        listener.onProgress(progress);
      },
    });
  }

  private async answered(serving: Serving, answer: Answer): Promise<void> {
    if (serving.trigger || this.isDead) return;
    if (!isOfHandler(answer)) {
      serving.answer = answer;
      return this.endWith(serving, 'answered');
    }
    serving.watches.close();
    const { startedAt, call } = serving;
    const usage: Usage = { wallMs: elapsed(startedAt), ending: 'answered', ...this.ownPart(serving) };
    if (this.concurrency > 1) await this.settle(call.id);
    if (answer.type === 'response') serving.settle({ status: 'SUCCEEDED', output: answer.bytes, usage });
    else serving.settle({ status: 'FAILED', ...answer.failure, usage });
  }

  /** It is not in hand any more: which part of the instance's time it had. */
  private ownPart({ call, startedAt, from }: Serving): Pick<Usage, 'share' | 'initMs'> {
    this.inHand.delete(call.id);
    const share = this.shares.end(from) / Math.max(performance.now() - startedAt, 0.01);
    this.onFewer();
    return { ...this.parts.initialised(), ...(share < 0.995 && { share: Math.round(share * 1e3) / 1e3 }) };
  }

  private exited(): void {
    this.isAlive = false;
    if (this.ending) return; // Somebody's doing, as is known.
    for (const serving of this.inHand.values()) this.endWith(serving, 'exit');
  }

  private endWith(serving: Serving, trigger: Trigger): void {
    if (serving.trigger || this.isDead) return;
    serving.trigger = trigger;
    serving.watches.close();
    this.isAlive = false;
    this.onFewer();
    this.ending ??= this.finish(serving, trigger).catch((error: unknown) => {
      for (const { fail } of this.inHand.values()) fail(error);
    });
  }

  private async finish(first: Serving, trigger: Trigger): Promise<void> {
    const { graceMs } = first.call;
    await turn(); // Whatever else has the same cause is told apart from what has only the bad luck.
    const isOver = first.answer?.type === 'error' && first.answer.during === 'end';
    if (!isOver && trigger !== 'disk') await this.othersEnded(graceMs);
    const { instance, door } = this.parts;
    const ended = await conclude(instance, { trigger, graceMs, startedAt: first.startedAt });
    this.isDead = true;
    this.lines.close();
    await door.close();
    for (const serving of this.inHand.values()) serving.settle(this.cutOff(serving, first, ended));
  }

  /** Those that nothing is wrong with, within the grace. */
  private async othersEnded(patienceMs: number): Promise<void> {
    const areEnded = (): boolean => [...this.inHand.values()].every(({ trigger }) => trigger !== undefined);
    if (areEnded()) return;
    const patience = new AbortController();
    await Promise.race([
      new Promise<void>((resolve) => (this.onFewer = () => areEnded() && resolve())),
      this.parts.instance.exited,
      sleep(patienceMs, undefined, { signal: patience.signal }).catch(() => {}),
    ]);
    patience.abort();
  }

  /** The end of a call that was in hand when the instance died. */
  private cutOff(serving: Serving, first: Serving, ended: Supervised): HotEnd {
    const { call, trigger, answer, startedAt } = serving;
    serving.watches.close();
    const took = plus(this.takenBy(call), partOf(ended.usage, this.shares.partOfLap(serving.from)));
    const how = trigger && trigger !== 'exit' && trigger !== 'answered' ? trigger : ended.how;
    const kill = ended.usage.kill && {
      ...ended.usage.kill,
      reason: trigger ? (killReason(trigger) ?? ended.usage.kill.reason) : ('sibling' as const),
      signals: ended.usage.kill.signals.map(({ signal, atMs }) => ({
        signal,
        atMs: Math.round((atMs + first.startedAt - startedAt) * 10) / 10,
      })),
    };
    const wallMs = serving === first ? ended.usage.wallMs : elapsed(startedAt);
    const usage: Usage = {
      ...ended.usage,
      ...took,
      wallMs,
      ending: how,
      ...(kill && { kill }),
      ...this.ownPart(serving),
    };
    if (answer?.type === 'response') return { status: 'SUCCEEDED', output: answer.bytes, usage };
    if (answer) return { status: 'FAILED', ...answer.failure, usage };
    if (!trigger) return endedWithAnother({ ...usage, ending: 'sibling' });
    const phase = this.parts.door.api.askedAt === undefined ? 'init' : 'invocation';
    return endedBadly(call, { ended: { ...ended, how, usage }, ...this.lines.tails }, phase);
  }
}

const killReason = (trigger: Trigger) => (trigger === 'exit' || trigger === 'answered' ? undefined : trigger);

const elapsed = (since: number): number => Math.round((performance.now() - since) * 100) / 100;
