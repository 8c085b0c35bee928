const PATTERN = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2}):(\d{2})(?:\.(\d{1,18}))?(?:Z|([+-])(\d{2}):(\d{2}))$/;

/** Milliseconds since 1970 of an RFC 3339 timestamp in AWS's profile: an upper-case T, and Z or an offset. */
export function parseTimestamp(text: string): number | undefined {
  const found = PATTERN.exec(text);
  if (!found) return undefined;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = found.slice(1, 7).map(Number);
  const isValid =
    month >= 1 && month <= 12 && day >= 1 && day <= daysIn(year, month) && hour < 24 && minute < 60 && second < 60;
  const [sign, offsetHours, offsetMinutes] = [found[8] === '-' ? -1 : 1, Number(found[9] ?? 0), Number(found[10] ?? 0)];
  if (!isValid || offsetHours > 23 || offsetMinutes > 59) return undefined;
  const offsetMs = sign * (offsetHours * 60 + offsetMinutes) * 60_000;
  const fractionMs = Number(`0.${found[7] ?? 0}`) * 1000;
  return (
    new Date(0).setUTCFullYear(year, month - 1, day) +
    (hour * 3600 + minute * 60 + second) * 1000 +
    fractionMs -
    offsetMs
  );
}

let last = { at: Number.NaN, text: '' };

/** As ISO 8601. Many are asked for one and the same moment. */
export function timeText(at: number): string {
  if (last.at !== at) last = { at, text: new Date(at).toISOString() };
  return last.text;
}

const daysIn = (year: number, month: number): number => new Date(Date.UTC(2000 + (year % 400), month, 0)).getUTCDate();
