import { type Cron, cronProblem, parseCron } from './cron.js';
import { withinYears, yearsOf } from './cron-years.js';

/** When a schedule fires: on a clock's times, every so often, or once. */
export type ScheduleExpression =
  | { readonly kind: 'cron'; readonly cron: Cron }
  | { readonly kind: 'rate'; readonly everyMs: number }
  | { readonly kind: 'at'; readonly wallMs: number };

const UNIT_MS: Readonly<Record<string, number>> = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };
const SOME_TIME_MS = Date.UTC(2024, 0, 1);

/** What is wrong with the expression, or undefined. */
export function scheduleProblem(text: string): string | undefined {
  const read = readExpression(text);
  return typeof read === 'string' ? read : undefined;
}

const parsed = new Map<string, ScheduleExpression>();
const MOST_PARSED = 10_000;

/** Throws for what `scheduleProblem` has a problem with. Reading one costs a hundred times as much as asking it. */
export function parseExpression(text: string): ScheduleExpression {
  const known = parsed.get(text);
  if (known) return known;
  const read = readExpression(text);
  if (typeof read === 'string') throw new Error(`${text} ${read}`);
  if (parsed.size >= MOST_PARSED) parsed.clear();
  parsed.set(text, read);
  return read;
}

function readExpression(text: string): ScheduleExpression | string {
  const [, form, argument = ''] = /^\s*(rate|cron|at)\s*\((.*)\)\s*$/i.exec(text) ?? [];
  if (form === undefined) return cronProblem(text) ?? { kind: 'cron', cron: parseCron(text) };
  if (form.toLowerCase() === 'rate') return readRate(argument);
  return form.toLowerCase() === 'at' ? readAt(argument) : readAwsCron(argument);
}

/** As EventBridge: a positive whole number, and its unit in the number that grammar asks for. */
function readRate(argument: string): ScheduleExpression | string {
  const [, count = '', unit = '', plural] = /^\s*(\d{1,9})\s+(minute|hour|day)(s?)\s*$/.exec(argument) ?? [];
  const unitMs = UNIT_MS[unit];
  if (!unitMs || Number(count) < 1) return 'must be a rate such as rate(5 minutes): minutes, hours or days';
  if ((Number(count) === 1) === (plural === 's'))
    return `must be rate(${count} ${unit}${Number(count) === 1 ? '' : 's'})`;
  return { kind: 'rate', everyMs: Number(count) * unitMs };
}

function readAt(argument: string): ScheduleExpression | string {
  const text = argument.trim();
  const wallMs = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/.test(text) ? Date.parse(`${text}Z`) : Number.NaN;
  const isReal = !Number.isNaN(wallMs) && new Date(wallMs).toISOString().startsWith(text);
  return isReal ? { kind: 'at', wallMs } : 'must be a time without a zone, such as at(2026-01-31T09:30:00)';
}

/** `cron(minute hour day-of-month month day-of-week year)`, days of the week counted from 1 for Sunday. */
function readAwsCron(argument: string): ScheduleExpression | string {
  const fields = argument.trim().split(/\s+/);
  const [minute = '', hour = '', day = '', month = '', weekday = '', year = ''] = fields;
  if (fields.length !== 6) return 'must have 6 fields in cron(…): minute hour day-of-month month day-of-week year';
  if ((day === '?') === (weekday === '?')) return 'must have ? in either the day of the month or the day of the week';
  const years = yearsOf(year);
  if (typeof years === 'string') return years;
  const days = countedFromZero(weekday);
  if (days === undefined) return 'must have days of the week from 1 (Sunday) to 7';
  const plain = [minute, hour, day === '?' ? '*' : day, month, days].join(' ');
  const problem = cronProblem(plain);
  if (problem) return problem;
  const cron = withinYears(parseCron(plain), years);
  return cron.nextWall(SOME_TIME_MS) === undefined
    ? 'must be a cron expression that fires at some time'
    : { kind: 'cron', cron };
}

function countedFromZero(weekday: string): string | undefined {
  if (weekday === '?' || weekday === '*') return '*';
  let isWrong = false;
  const plain = weekday.replaceAll(/(?<![#/\d])\d+/g, (number) => {
    isWrong ||= Number(number) < 1 || Number(number) > 7;
    return String(Number(number) - 1);
  });
  return isWrong ? undefined : plain;
}
