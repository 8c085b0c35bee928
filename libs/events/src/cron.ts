import { CronExpressionParser } from 'cron-parser';

const NICKNAMES = ['@yearly', '@annually', '@monthly', '@weekly', '@daily', '@hourly', '@minutely', '@weekdays'];
const KNOWN_NICKNAMES = new Set([...NICKNAMES, '@weekends', '@secondly']);
/** Any instant will do: the question is only whether anything ever follows. */
const SOME_TIME_MS = Date.UTC(2024, 0, 1);

/** What is wrong with the expression, or undefined. */
export function cronProblem(cron: string): string | undefined {
  const text = normalised(cron);
  if (text.startsWith('@')) return KNOWN_NICKNAMES.has(text) ? undefined : `has no meaning for ${cron}`;
  const fields = text.split(' ');
  if (fields.length !== 5 && fields.length !== 6) {
    return 'must have 5 fields (minute hour day-of-month month day-of-week) or 6 with the second in front';
  }
  if (/\bh\b|h\(/i.test(text)) return 'must not use H: the time it stands for would be a random one';
  if (/(\d|l)w\b/i.test(fields.at(-3) ?? '')) return 'must not use W (the nearest weekday): it is not supported';
  try {
    parseCron(text).nextWall(SOME_TIME_MS);
    return undefined;
  } catch (error) {
    return `must be a cron expression that fires at some time: ${error instanceof Error ? error.message : String(error)}`;
  }
}

export interface Cron {
  /** True for `*` and whatever else means all 24 hours: such a schedule counts hours, not times of day. */
  readonly everyHour: boolean;
  /**
   * The next match after `wallMs`, on a clock that is never put forward or back. Both are what the clock
   * shows, written as if it showed UTC. Throws if there is no match.
   */
  nextWall(wallMs: number): number;
}

/** Throws if the expression is none. */
export function parseCron(cron: string): Cron {
  const expression = CronExpressionParser.parse(normalised(cron), { tz: 'UTC' });
  return {
    everyHour: expression.fields.hour.values.length === 24,
    nextWall(wallMs) {
      expression.reset(new Date(wallMs));
      return expression.next().getTime();
    },
  };
}

function normalised(cron: string): string {
  const text = cron.trim().replaceAll(/\s+/g, ' ');
  if (!text.startsWith('@')) return text;
  return text.toLowerCase().replace('@midnight', '@daily');
}
