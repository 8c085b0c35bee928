import { type Cron, parseCron } from './cron.js';
import { offsetAt, offsetChange, offsetsAround } from './time-zone.js';

export interface Schedule {
  readonly cron: string;
  /** IANA; UTC if absent. */
  readonly timezone?: string;
}

const DAY_MS = 86_400_000;

/**
 * The first instant after `afterMs` at which the schedule fires. It depends on nothing but its arguments, so
 * whoever asks, and however often, gets the same ticks. Throws if there is none (see `cronProblem`).
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
export function nextFireTime({ cron, timezone = 'UTC' }: Schedule, afterMs: number): number {
  const parsed = parseCron(cron);
  return parsed.everyHour ? nextByElapsedTime(parsed, timezone, afterMs) : nextByTimeOfDay(parsed, timezone, afterMs);
}

function nextByTimeOfDay(cron: Cron, timezone: string, afterMs: number): number {
  let wall = afterMs + offsetAt(timezone, afterMs);
  for (;;) {
    wall = cron.nextWall(wall);
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

function nextByElapsedTime(cron: Cron, timezone: string, afterMs: number): number {
  let from = afterMs;
  let offset = offsetAt(timezone, from);
  let wall = from + offset;
  for (;;) {
    const candidate = cron.nextWall(wall) - offset;
    // Clocks put back within the day may repeat a time that matches before the candidate comes.
    const soon = Math.min(candidate, from + DAY_MS);
    const changed = [soon, candidate].find((instant) => offsetAt(timezone, instant) !== offset);
    if (changed === undefined) return candidate;
    from = offsetChange(timezone, changed === soon ? from : soon, changed);
    offset = offsetAt(timezone, from);
    wall = from + offset - 1;
  }
}
