import { CronExpressionParser } from 'cron-parser';
import { readWeekdayRule, type WeekdayRule } from './nearest-weekday.js';

const NICKNAMES = ['@yearly', '@annually', '@monthly', '@weekly', '@daily', '@hourly', '@minutely', '@weekdays'];
const KNOWN_NICKNAMES = new Set([...NICKNAMES, '@weekends', '@secondly']);
/** Any instant will do: the question is only whether anything ever follows. */
const SOME_TIME_MS = Date.UTC(2024, 0, 1);
const DAY_MS = 86_400_000;
/** A day of February 29 that is no weekday may come 12 years later only. */
const MOST_DAYS = 366 * 13;

/** What is wrong with the expression, or undefined. */
export function cronProblem(cron: string): string | undefined {
  const text = normalised(cron);
  if (text.startsWith('@')) return KNOWN_NICKNAMES.has(text) ? undefined : `has no meaning for ${cron}`;
  const fields = text.split(' ');
  if (fields.length !== 5 && fields.length !== 6) {
    return 'must have 5 fields (minute hour day-of-month month day-of-week) or 6 with the second in front';
  }
  if (/\bh\b|h\(/i.test(text)) return 'must not use H: the time it stands for would be a random one';
  try {
    if (parseCron(text).nextWall(SOME_TIME_MS) !== undefined) return undefined;
    return 'must be a cron expression that fires at some time: this never does';
  } catch (error) {
    return `must be a cron expression that fires at some time: ${error instanceof Error ? error.message : String(error)}`;
  }
}

export interface Cron {
  /** True for `*` and whatever else means all 24 hours: such a schedule counts hours, not times of day. */
  readonly everyHour: boolean;
  /**
   * The next match after `wallMs`, on a clock that is never put forward or back. Both are what the clock
   * shows, written as if it showed UTC. Undefined if there is none.
   */
  nextWall(wallMs: number): number | undefined;
}

/** Throws if the expression is none. */
export function parseCron(cron: string): Cron {
  const { text, weekday } = withoutWeekdayRule(normalised(cron));
  const expression = CronExpressionParser.parse(text, { tz: 'UTC' });
  const next = (wallMs: number): number | undefined => {
    expression.reset(new Date(wallMs));
    try {
      return expression.next().getTime();
    } catch {
      return undefined;
    }
  };
  return {
    everyHour: expression.fields.hour.values.length === 24,
    nextWall: weekday ? (wallMs) => nextOn(weekday, next, wallMs) : next,
  };
}

/** Passes over the days that the rule does not name. */
function nextOn({ has }: WeekdayRule, next: Cron['nextWall'], wallMs: number): number | undefined {
  let from = wallMs;
  for (let day = 0; day < MOST_DAYS; day++) {
    const found = next(from);
    if (found === undefined || has(found)) return found;
    from = Math.floor(found / DAY_MS) * DAY_MS + DAY_MS - 1;
  }
  return undefined;
}

/** cron-parser knows no W, so it is asked for every day. */
function withoutWeekdayRule(text: string): { text: string; weekday?: WeekdayRule } {
  const fields = text.split(' ');
  const place = fields.length - 3;
  const days = fields[place] ?? '';
  if (fields.length < 5 || !/w/i.test(days)) return { text };
  if (!/^[*?]$/.test(fields.at(-1) ?? '')) throw new Error('with W, the day of the week must be *');
  fields[place] = '*';
  return { text: fields.join(' '), weekday: readWeekdayRule(days) };
}

function normalised(cron: string): string {
  const text = cron.trim().replaceAll(/\s+/g, ' ');
  if (!text.startsWith('@')) return text;
  return text.toLowerCase().replace('@midnight', '@daily');
}
