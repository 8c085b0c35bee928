export interface WeekdayRule {
  /** Whether the day of this instant, which is what a clock shows, is one of those named. */
  readonly has: (wallMs: number) => boolean;
}

/**
 * Days of a month of which some are named by the weekday nearest to them: `15W`, `LW` (the last weekday), `1W,15W`,
 * `1,15W`. As in Quartz, the nearest weekday is never one of another month. Throws if it is no such list.
 */
export function readWeekdayRule(field: string): WeekdayRule {
  const items = field.toUpperCase().split(',').map(readItem);
  return {
    has(wallMs) {
      const date = new Date(wallMs);
      const [year, month] = [date.getUTCFullYear(), date.getUTCMonth()];
      return items.some((dayOf) => dayOf(year, month) === date.getUTCDate());
    },
  };
}

type DayOf = (year: number, month: number) => number | undefined;

function readItem(item: string): DayOf {
  const [, last, day, weekday] = /^(?:(L)|(\d{1,2}))(W?)$/.exec(item) ?? [];
  const wanted = Number(day);
  if (!last && !(wanted >= 1 && wanted <= 31)) throw new Error(`"${item}" is no day of the month`);
  return (year, month) => {
    const length = new Date(Date.UTC(year, month + 1, 0)).getUTCDate();
    const named = last ? length : wanted;
    if (named > length) return undefined;
    return weekday ? nearestWeekday(year, month, named, length) : named;
  };
}

function nearestWeekday(year: number, month: number, day: number, length: number): number {
  const dayOfWeek = new Date(Date.UTC(year, month, day)).getUTCDay();
  if (dayOfWeek === 6) return day > 1 ? day - 1 : day + 2;
  if (dayOfWeek === 0) return day < length ? day + 1 : day - 2;
  return day;
}
