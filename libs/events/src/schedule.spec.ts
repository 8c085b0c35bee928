import { describe, expect, it } from '@jest/globals';
import { isTimeZone, nextFireTime, nextFireTimes, scheduleProblem as cronProblem } from './index.js';

const at = (text: string): number => Date.parse(text);

/** The first `count` ticks after a time, each asked for from the one before. */
function ticks(cron: string, timezone: string, after: string, count: number): string[] {
  const found: string[] = [];
  let last = at(after);
  while (found.length < count) {
    last = nextFireTime({ cron, timezone }, last) ?? Number.NaN;
    found.push(new Date(last).toISOString().replace(':00.000Z', 'Z'));
  }
  return found;
}

describe('a schedule', () => {
  it('fires strictly after the given time, in UTC unless a zone is named', () => {
    expect(nextFireTime({ cron: '0 9 * * *' }, at('2026-01-01T09:00:00Z'))).toBe(at('2026-01-02T09:00:00Z'));
    expect(nextFireTime({ cron: '0 9 * * *' }, at('2026-01-01T08:59:59.999Z'))).toBe(at('2026-01-01T09:00:00Z'));
    expect(ticks('0 9 * * *', 'Asia/Kathmandu', '2026-01-01T00:00:00Z', 1)).toEqual(['2026-01-01T03:15Z']);
  });

  it.each([
    ['*/15 * * * * *', ['2026-01-01T00:00:15.000Z', '2026-01-01T00:00:30.000Z']],
    ['0 0 L * *', ['2026-01-31T00:00Z', '2026-02-28T00:00Z']],
    ['0 0 * * FRIL', ['2026-01-30T00:00Z', '2026-02-27T00:00Z']],
    ['0 0 * * MON#2', ['2026-01-12T00:00Z', '2026-02-09T00:00Z']],
    ['0 6 1 jan,JUL *', ['2026-01-01T06:00Z', '2026-07-01T06:00Z']],
    ['0 0 * * 7', ['2026-01-04T00:00Z', '2026-01-11T00:00Z']],
    ['0 0 13 * FRI', ['2026-01-02T00:00Z', '2026-01-09T00:00Z', '2026-01-13T00:00Z']],
    ['0 0 29 2 *', ['2028-02-29T00:00Z', '2032-02-29T00:00Z']],
    ['@daily', ['2026-01-02T00:00Z', '2026-01-03T00:00Z']],
    ['@Midnight', ['2026-01-02T00:00Z']],
    ['  0   12 * * * ', ['2026-01-01T12:00Z']],
  ])('understands %p', (cron, expected) => {
    expect(cronProblem(cron)).toBeUndefined();
    expect(ticks(cron, 'UTC', '2026-01-01T00:00:00Z', expected.length)).toEqual(expected);
  });

  it.each([
    ['', 'must have 5 fields'],
    ['* * * *', 'must have 5 fields'],
    ['* * * * * * *', 'must have 5 fields'],
    ['60 * * * *', 'got value 60 expected range 0-59'],
    ['0 25 * * *', 'got value 25'],
    ['a b c d e', 'Invalid characters'],
    ['0 0 30 2 *', 'fires at some time'],
    ['0 0 31 4,6 *', 'fires at some time'],
    ['H * * * *', 'must not use H'],
    ['0 0 15W * MON', 'with W, the day of the week must be *'],
    ['0 0 32W * *', '"32W" is no day of the month'],
    ['0 0 1-5W * *', '"1-5W" is no day of the month'],
    ['@reboot', 'has no meaning for @reboot'],
  ])('says what is wrong with %p', (cron, problem) => {
    expect(cronProblem(cron)).toContain(problem);
  });

  it('throws for an expression that never fires', () => {
    expect(() => nextFireTime({ cron: '0 0 30 2 *' }, 0)).toThrow('fires at some time');
  });

  it('knows IANA zones and no others', () => {
    expect(['UTC', 'Europe/Berlin', 'America/Argentina/Buenos_Aires', 'Etc/GMT+5'].filter(isTimeZone)).toHaveLength(4);
    expect(['', 'local', 'Mars/Olympus', '+02:00', 'UTC+3', 'Europe/Berlin '].filter(isTimeZone)).toEqual([]);
  });
});

describe('when the clocks go forward (Berlin, 2026-03-29: 02:00 becomes 03:00, 01:00Z)', () => {
  it('fires a skipped time at the moment of the change', () => {
    const expected = ['2026-03-28T01:30Z', '2026-03-29T01:00Z', '2026-03-30T00:30Z'];
    expect(ticks('30 2 * * *', 'Europe/Berlin', '2026-03-28T00:00:00Z', 3)).toEqual(expected);
  });

  it('fires once for several skipped times, and not again for the time that is there', () => {
    const expected = ['2026-03-29T01:00Z', '2026-03-30T00:15Z', '2026-03-30T00:45Z', '2026-03-30T01:00Z'];
    expect(ticks('15,45 2 * * *', 'Europe/Berlin', '2026-03-28T23:00:00Z', 2)).toEqual(expected.slice(0, 2));
    expect(ticks('0 2,3 * * *', 'Europe/Berlin', '2026-03-28T23:00:00Z', 2)).toEqual([
      '2026-03-29T01:00Z',
      '2026-03-30T00:00Z',
    ]);
  });

  it('makes up for nothing when it fires every hour', () => {
    const expected = ['2026-03-29T00:15Z', '2026-03-29T01:15Z', '2026-03-29T02:15Z'];
    expect(ticks('15 * * * *', 'Europe/Berlin', '2026-03-28T23:30:00Z', 3)).toEqual(expected);
  });

  it('fires at the end of a whole day that is left out', () => {
    const expected = ['2011-12-29T22:00Z', '2011-12-30T10:00Z', '2011-12-30T22:00Z'];
    expect(ticks('0 12 * * *', 'Pacific/Apia', '2011-12-29T12:00:00Z', 3)).toEqual(expected);
  });
});

describe('when the clocks go back (Berlin, 2026-10-25: 03:00 becomes 02:00, 01:00Z)', () => {
  it('fires a repeated time the first time only', () => {
    const expected = ['2026-10-25T00:30Z', '2026-10-26T01:30Z'];
    expect(ticks('30 2 * * *', 'Europe/Berlin', '2026-10-24T12:00:00Z', 2)).toEqual(expected);
  });

  it.each(['2026-10-25T01:00:00Z', '2026-10-25T01:10:00Z', '2026-10-25T01:30:00Z'])(
    'does not fire again when asked in the repeated hour, at %s',
    (after) => {
      expect(ticks('30 2 * * *', 'Europe/Berlin', after, 1)).toEqual(['2026-10-26T01:30Z']);
    },
  );

  it('fires in both hours when it fires every hour', () => {
    const expected = ['2026-10-25T00:45Z', '2026-10-25T01:15Z', '2026-10-25T01:45Z', '2026-10-25T02:15Z'];
    expect(ticks('15,45 * * * *', 'Europe/Berlin', '2026-10-25T00:15:00Z', 4)).toEqual(expected);
  });
});

const HOUR_MS = 3_600_000;
const STEP_MS = 5 * 60_000;
const wallFormats = new Map<string, Intl.DateTimeFormat>();

/** What the clock shows, as `02:30`, by another way than the code under test. */
function clock(zone: string, instant: number): string {
  const format =
    wallFormats.get(zone) ??
    new Intl.DateTimeFormat('en-GB', { timeZone: zone, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
  wallFormats.set(zone, format);
  return format.format(instant);
}

describe.each([
  ['Europe/Berlin', '2026-03-29'],
  ['Europe/Berlin', '2026-10-25'],
  ['America/New_York', '2026-03-08'],
  ['America/New_York', '2026-11-01'],
  ['Australia/Lord_Howe', '2026-04-05'],
  ['Australia/Lord_Howe', '2026-10-04'],
  ['America/Santiago', '2026-09-06'],
  ['America/Sao_Paulo', '2018-11-04'],
])('around the change in %s on %s', (zone, night) => {
  const start = at(`${night}T00:00:00Z`) - 24 * HOUR_MS;
  const instants = Array.from({ length: (48 * HOUR_MS) / STEP_MS }, (_, index) => start + (index + 1) * STEP_MS);

  it('fires at each instant whose clock time matches, if it fires every hour', () => {
    const expected = instants.filter((instant) => /:(00|30)$/.test(clock(zone, instant)));
    expect(chain('0,30 * * * *', zone, start, start + 48 * HOUR_MS)).toEqual(expected);
  });

  it.each(['30 2 * * *', '0 0 * * *', '15,45 1,2 * * *', '0 */2 * * *'])(
    'gives %p the same ticks from any time',
    (cron) => {
      const whole = chain(cron, zone, start, start + 90 * HOUR_MS);
      for (const instant of instants.filter((_, index) => index % 3 === 0)) {
        expect(nextFireTime({ cron, timezone: zone }, instant)).toBe(whole.find((tick) => tick > instant));
      }
    },
  );
});

function chain(cron: string, timezone: string, after: number, until: number): number[] {
  const found: number[] = [];
  for (let tick = after; ; ) {
    tick = nextFireTime({ cron, timezone }, tick) ?? Infinity;
    if (tick > until) return found;
    found.push(tick);
  }
}

describe('the nearest weekday', () => {
  it.each([
    ['0 9 15W * *', ['2026-01-15', '2026-02-16', '2026-03-16', '2026-04-15', '2026-05-15', '2026-06-15']],
    [
      '0 9 1W * *',
      ['2026-01-01', '2026-02-02', '2026-03-02', '2026-04-01', '2026-05-01', '2026-06-01', '2026-07-01', '2026-08-03'],
    ],
    ['0 9 LW * *', ['2026-01-30', '2026-02-27', '2026-03-31', '2026-04-30', '2026-05-29']],
    ['0 9 31W * *', ['2026-01-30', '2026-03-31', '2026-05-29']],
    ['0 9 1,15W 2 *', ['2026-02-01', '2026-02-16', '2027-02-01', '2027-02-15']],
  ])('is found by %p', (cron, days) => {
    const expected = days.map((day) => `${day}T09:00Z`);
    expect(ticks(cron, 'UTC', '2026-01-01T00:00:00Z', days.length)).toEqual(expected);
  });
});

describe('an expression of EventBridge', () => {
  it.each([
    ['cron(0 10 * * ? *)', ['2026-01-01T10:00Z', '2026-01-02T10:00Z']],
    ['cron(15 12 ? * 1 *)', ['2026-01-04T12:15Z', '2026-01-11T12:15Z']],
    ['cron(0 18 ? * MON-FRI *)', ['2026-01-01T18:00Z', '2026-01-02T18:00Z', '2026-01-05T18:00Z']],
    ['cron(0 8 ? * 2#1 *)', ['2026-01-05T08:00Z', '2026-02-02T08:00Z']],
    ['cron(0 8 ? * 6L *)', ['2026-01-30T08:00Z', '2026-02-27T08:00Z']],
    ['cron(0 8 LW * ? *)', ['2026-01-30T08:00Z']],
    ['cron(0 8 1 1 ? 2027-2030/2)', ['2027-01-01T08:00Z', '2029-01-01T08:00Z']],
    ['cron(0/30 8 ? * 2-6/2 *)', ['2026-01-02T08:00Z', '2026-01-02T08:30Z', '2026-01-05T08:00Z']],
    ['rate(90 minutes)', ['2026-01-01T01:30Z', '2026-01-01T03:00Z']],
    ['at(2026-01-31T09:30:00)', ['2026-01-31T09:30Z']],
  ])('fires as %p says', (cron, expected) => {
    const schedule = { cron, anchorMs: at('2026-01-01T00:00:00Z') };
    const found = nextFireTimes(schedule, at('2026-01-01T00:00:00Z'), expected.length);
    expect(found.map((tick) => new Date(tick).toISOString().replace(':00.000Z', 'Z'))).toEqual(expected);
  });

  it.each([
    ['cron(0 10 * * *)', 'must have 6 fields in cron'],
    ['cron(0 10 * * * *)', 'must have ? in either'],
    ['cron(0 10 ? * 8 *)', 'days of the week from 1 (Sunday) to 7'],
    ['cron(0 10 * * ? 1960)', 'must have years from 1970'],
    ['cron(0 10 1 1 ? 2020)', 'fires at some time'],
    ['cron(0 25 * * ? *)', 'got value 25'],
    ['rate(0 minutes)', 'must be a rate such as'],
    ['rate(5 minute)', 'must be rate(5 minutes)'],
    ['rate(1 days)', 'must be rate(1 day)'],
    ['rate(5 weeks)', 'must be a rate such as'],
    ['at(2026-02-30T09:30:00)', 'must be a time without a zone'],
    ['at(2026-01-31T09:30:00Z)', 'must be a time without a zone'],
  ])('is refused when it is %p', (cron, problem) => {
    expect(cronProblem(cron)).toContain(problem);
  });

  it('fires once at a time of its zone, and then never', () => {
    const schedule = { cron: 'at(2026-07-01T09:00:00)', timezone: 'Europe/Berlin' };
    expect(nextFireTimes(schedule, 0, 5)).toEqual([at('2026-07-01T07:00:00Z')]);
  });
});

describe('a schedule with a start and an end', () => {
  const bounds = { start: '2026-01-01T00:10:00Z', end: '2026-01-01T01:10:00Z' };

  it('fires at neither an earlier nor a later time', () => {
    const found = nextFireTimes({ cron: '*/30 * * * *', ...bounds }, 0, 9);
    expect(found).toEqual([at('2026-01-01T00:30:00Z'), at('2026-01-01T01:00:00Z')]);
  });

  it('counts a rate from its start, which is a tick', () => {
    const found = nextFireTimes({ cron: 'rate(25 minutes)', ...bounds }, 0, 9);
    expect(found).toEqual(['00:10', '00:35', '01:00'].map((time) => at(`2026-01-01T${time}:00Z`)));
  });
});
