import type { LaneLines, LaneMeasured } from '@app/worker-api';
import type { CallRecord } from './call-record.js';
import type { CallRecordsService } from './call-records.service.js';
import type { InFlight, LaneLink } from './lane-link.js';

/** What a call took comes a moment after its result, for many calls at once; after so long it does not come. */
const PATIENCE_MS = 1_000;
const LOOK_MS = 250;

interface Unmeasured {
  readonly record: CallRecord;
  readonly until: number;
}

/** Calls that have ended and are not stored yet, because what they took is not known, and the lines of open ones. */
export class UnmeasuredCalls {
  private readonly waiting = new Map<LaneLink, Map<number, Unmeasured>>();
  /** Of calls without a record, by id. */
  private readonly lines = new Map<string, LaneLines['lines']>();
  /** Of calls whose record waits here. */
  private readonly ids = new Set<string>();
  private readonly timer = setInterval(() => this.giveUp(performance.now()), LOOK_MS).unref();

  constructor(private readonly records: CallRecordsService) {}

  ended({ number, route: { link } }: InFlight, record: CallRecord): void {
    const { kill, cpuMs } = record.end.usage;
    if (kill || cpuMs !== undefined || !link.isOpen) return this.release(record);
    const waiting = this.waiting.get(link) ?? new Map<number, Unmeasured>();
    this.ids.add(record.call.id);
    this.waiting.set(link, waiting.set(number, { record, until: performance.now() + PATIENCE_MS }));
  }

  measured(link: LaneLink, { calls, usage }: LaneMeasured): void {
    const waiting = this.waiting.get(link);
    for (const number of calls) {
      const found = waiting?.get(number);
      if (!waiting?.delete(number) || !found) continue;
      const { record } = found;
      this.release({ ...record, end: { ...record.end, usage: { ...record.end.usage, ...usage } } });
    }
  }

  /** Lines wait until there is a record that they can belong to. */
  addLines(id: string, lines: LaneLines['lines'], isUnstored: boolean): void {
    if (!isUnstored && !this.ids.has(id)) return this.records.addLines(id, lines);
    const before = this.lines.get(id);
    if (before) before.push(...lines);
    else this.lines.set(id, [...lines]);
  }

  /** It has a record from now on. */
  stored(id: string): void {
    const lines = this.lines.get(id);
    if (lines) this.records.addLines(id, lines);
    this.lines.delete(id);
  }

  /** Somebody asks for it now. */
  releaseOne(id: string): void {
    if (!this.ids.has(id)) return;
    for (const waiting of this.waiting.values()) {
      for (const [number, { record }] of waiting) {
        if (record.call.id !== id) continue;
        waiting.delete(number);
        return this.release(record);
      }
    }
  }

  /** All of a connection that is gone, or of every one. */
  releaseAll(link?: LaneLink): void {
    for (const [one, waiting] of this.waiting) {
      if (link && one !== link) continue;
      for (const { record } of waiting.values()) this.release(record);
      this.waiting.delete(one);
    }
  }

  close(): void {
    clearInterval(this.timer);
    this.releaseAll();
  }

  private release(record: CallRecord): void {
    this.ids.delete(record.call.id);
    this.records.add(record);
    this.stored(record.call.id);
  }

  private giveUp(now: number): void {
    for (const waiting of this.waiting.values()) {
      for (const [number, { record, until }] of waiting) {
        if (until > now) break; // They came in this order.
        waiting.delete(number);
        this.release(record);
      }
    }
  }
}
