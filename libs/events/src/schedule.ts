import type { Cron } from './cron.js';
import { parseExpression } from './schedule-expression.js';
import { offsetAt, offsetChange, offsetsAround } from './time-zone.js';

export interface Schedule {
  /** A cron expression, `cron(…)`, `rate(…)` or `at(…)`. */
  readonly cron: string;
  /** IANA; UTC if absent. */
  readonly timezone?: string;
  /** ISO 8601: it fires at neither an earlier nor a later time. */
  readonly start?: string | undefined;
  readonly end?: string | undefined;
  /** What a rate is counted from when it has no start. */
  readonly anchorMs?: number;
}

const DAY_MS = 86_400_000;

/**
 * The first instant after `afterMs` at which the schedule fires. It depends on nothing but its arguments, so
 * whoever asks, and however often, gets the same ticks. Undefined if there is none any more.
 *
 * When the clocks change:
 * - A schedule with hours of its own (`30 2 * * *`) fires once for each day. A time that is skipped fires at
 *   the moment of the change (02:30 that does not exist: at 03:00, once, however many times are skipped); a
 *   time that comes twice fires the first time only.
 * - A schedule of every hour (`15 * * * *`) counts hours: it fires in both of two equal hours and makes up
 *   for nothing that is skipped.
 *
 * cron-parser answers only for a clock without changes: with a zone it fires twice when asked within the
 * repeated hour, and finds nothing where the change is half an hour (Australia/Lord_Howe).
 */
export function nextFireTime(schedule: Schedule, afterMs: number): number | undefined {
  const startMs = schedule.start === undefined ? -Infinity : Date.parse(schedule.start);
  const next = nextTick(schedule, Math.max(afterMs, startMs - 1));
  return next === undefined || (schedule.end !== undefined && next > Date.parse(schedule.end)) ? undefined : next;
}

/** The next so many, none of them after the schedule's end. */
export function nextFireTimes(schedule: Schedule, afterMs: number, count: number): number[] {
  const found: number[] = [];
  for (let next = nextFireTime(schedule, afterMs); next !== undefined && found.length < count; ) {
    found.push(next);
    next = nextFireTime(schedule, next);
  }
  return found;
}

function nextTick({ cron, timezone = 'UTC', start, anchorMs = 0 }: Schedule, afterMs: number): number | undefined {
  const expression = parseExpression(cron);
  switch (expression.kind) {
    case 'rate': {
      const anchor = start === undefined ? anchorMs : Date.parse(start);
      // A start is a tick itself; what a rate is otherwise counted from is none.
      const least = start === undefined ? 1 : 0;
      return anchor + Math.max(least, Math.floor((afterMs - anchor) / expression.everyMs) + 1) * expression.everyMs;
    }
    case 'at': {
      const instant = firstInstantShowing(expression.wallMs, timezone);
      return instant > afterMs ? instant : undefined;
    }
    case 'cron':
      return expression.cron.everyHour
        ? nextByElapsedTime(expression.cron, timezone, afterMs)
        : nextByTimeOfDay(expression.cron, timezone, afterMs);
  }
}

function nextByTimeOfDay(cron: Cron, timezone: string, afterMs: number): number | undefined {
  let wall: number | undefined = afterMs + offsetAt(timezone, afterMs);
  for (;;) {
    wall = cron.nextWall(wall);
    if (wall === undefined) return undefined;
    const instant = firstInstantShowing(wall, timezone);
    if (instant > afterMs) return instant;
  }
}

/** The first instant at which clocks show `wall`, or at which they jump over it. */
function firstInstantShowing(wall: number, timezone: string): number {
  const [before, after] = offsetsAround(timezone, wall);
  const instants = [wall - before, wall - after].filter((instant) => instant + offsetAt(timezone, instant) === wall);
  return instants.length > 0 ? Math.min(...instants) : offsetChange(timezone, wall - after, wall - before);
}

function nextByElapsedTime(cron: Cron, timezone: string, afterMs: number): number | undefined {
  let from = afterMs;
  let offset = offsetAt(timezone, from);
  let wall = from + offset;
  for (;;) {
    const next = cron.nextWall(wall);
    if (next === undefined) return undefined;
    const candidate = next - offset;
    // Clocks put back within the day may repeat a time that matches before the candidate comes.
    const soon = Math.min(candidate, from + DAY_MS);
    const changed = [soon, candidate].find((instant) => offsetAt(timezone, instant) !== offset);
    if (changed === undefined) return candidate;
    from = offsetChange(timezone, changed === soon ? from : soon, changed);
    offset = offsetAt(timezone, from);
    wall = from + offset - 1;
  }
}
