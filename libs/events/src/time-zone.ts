const DAY_MS = 86_400_000;
const formats = new Map<string, Intl.DateTimeFormat>();

/** IANA names only; fixed offsets such as `+02:00` are no zones, and depend on the version of Node. */
export function isTimeZone(name: string): boolean {
  if (!/^[A-Za-z]/.test(name)) return false;
  try {
    formatOf(name);
    return true;
  } catch {
    return false;
  }
}

/** How far the clocks of the zone are ahead of UTC at this instant, in milliseconds. */
export function offsetAt(timeZone: string, instantMs: number): number {
  const wholeSecond = Math.floor(instantMs / 1_000) * 1_000;
  const parts: Record<string, number> = {};
  for (const { type, value } of formatOf(timeZone).formatToParts(wholeSecond)) parts[type] = Number(value);
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts;
  return Date.UTC(year, month - 1, day, hour, minute, second) - wholeSecond;
}

/** The first instant at which the offset is no longer what it is at `fromMs`; it must differ at `toMs`. */
export function offsetChange(timeZone: string, fromMs: number, toMs: number): number {
  const offset = offsetAt(timeZone, fromMs);
  // Clocks change on whole seconds.
  let [before, after] = [Math.floor(fromMs / 1_000), Math.ceil(toMs / 1_000)];
  while (after - before > 1) {
    const middle = Math.floor((before + after) / 2);
    if (offsetAt(timeZone, middle * 1_000) === offset) before = middle;
    else after = middle;
  }
  return after * 1_000;
}

/** The offsets that may hold while clocks show `wallMs`: those of a day earlier and a day later. */
export function offsetsAround(timeZone: string, wallMs: number): [before: number, after: number] {
  return [offsetAt(timeZone, wallMs - DAY_MS), offsetAt(timeZone, wallMs + DAY_MS)];
}

/** Built once per zone: building one costs fifty times as much as using it. */
function formatOf(timeZone: string): Intl.DateTimeFormat {
  let format = formats.get(timeZone);
  if (!format) {
    const numeric = 'numeric';
    const clock = { hour: numeric, minute: numeric, second: numeric, hourCycle: 'h23' } as const;
    format = new Intl.DateTimeFormat('en-US', { timeZone, year: numeric, month: numeric, day: numeric, ...clock });
    formats.set(timeZone, format);
  }
  return format;
}
