import { beforeAll, describe, expect, it, jest } from '@jest/globals';
import { eventOf, films, inputsFor, names, runMany, type Ended } from './testing/every-function.js';

jest.setTimeout(600_000);

let good: Ended[];
beforeAll(async () => {
  const made = films();
  good = await runMany(names.map((name) => ({ name, event: eventOf(name), inputs: inputsFor(name, made) })));
}, 600_000);

describe('every function of the catalogue', () => {
  it('works on a small film', () => {
    expect(good.filter(({ error }) => error).map(({ index, error, cause }) => [names[index], error, cause])).toEqual(
      [],
    );
    expect(good).toHaveLength(names.length);
  });

  /** They read a header, one picture, or text. */
  const quick = ['probe', 'plan', 'thumbnail', 'convert-subtitles', 'extract-subtitles'];
  it.each(names.filter((name) => !quick.includes(name)))('tells how far it is: media.%s', (name) => {
    const { percents } = good[names.indexOf(name)]!;
    expect(percents).toEqual(percents.toSorted((a, b) => a - b));
    expect(percents.filter((percent) => percent > 0 && percent < 100)).not.toEqual([]);
    expect(percents.at(-1)).toBe(100);
  });
});
