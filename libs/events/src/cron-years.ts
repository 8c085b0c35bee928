import type { Cron } from './cron.js';

const [FIRST, LAST] = [1970, 2199];

/** The years of EventBridge's sixth field, undefined for all of them, or what is wrong with it. */
export function yearsOf(field: string): ReadonlySet<number> | undefined | string {
  if (field === '*') return undefined;
  const years = new Set<number>();
  for (const item of field.split(',')) {
    const [, from, to, step] = /^(\*|\d{4})(?:-(\d{4}))?(?:\/(\d{1,3}))?$/.exec(item) ?? [];
    const first = from === '*' ? FIRST : Number(from);
    const last = to ? Number(to) : from === '*' || step ? LAST : first;
    if (!from || first < FIRST || last > LAST || first > last || Number(step) === 0) {
      return `must have years from ${FIRST} to ${LAST}, such as *, 2026, 2026-2030 or 2026/2`;
    }
    for (let year = first; year <= last; year += Number(step ?? 1)) years.add(year);
  }
  return years;
}

export function withinYears(cron: Cron, years: ReadonlySet<number> | undefined): Cron {
  if (!years) return cron;
  return {
    everyHour: cron.everyHour,
    nextWall(wallMs) {
      let from = wallMs;
      for (;;) {
        const found = cron.nextWall(from);
        if (found === undefined) return undefined;
        const year = new Date(found).getUTCFullYear();
        if (years.has(year)) return found;
        const next = [...years].filter((other) => other > year).toSorted((a, b) => a - b)[0];
        if (next === undefined) return undefined;
        from = Date.UTC(next, 0, 1) - 1;
      }
    },
  };
}
