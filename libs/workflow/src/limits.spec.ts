import { describe, expect, it } from '@jest/globals';
import { MAX_DATA_BYTES, MAX_DATA_DEPTH, measure, withinLimits } from './limits.js';
import type { Json } from './model.js';

const nested = (levels: number): Json => {
  let value: Json = 1;
  for (let level = 0; level < levels; level++) value = [value];
  return value;
};

describe('measure', () => {
  it.each<[Json]>([
    [null],
    [true],
    [-1.5e300],
    ['a "quoted" \\ text\n\t\b\f\r\u0001'],
    ['ü€😀\ud800'],
    ['long and plain '.repeat(20)],
    [`long ${'and plain '.repeat(20)} but for a "`],
    [`ü${'long and plain '.repeat(20)}\u007f`],
    [[]],
    [[1, [2, {}], 'x']],
    [{ a: 1, 'b"': [null, false], ü: {} }],
  ])('counts the bytes of %j', (value) => {
    expect(measure(value, Infinity).bytes).toBe(Buffer.byteLength(JSON.stringify(value)));
  });

  it('counts the levels', () => {
    expect(measure(nested(7), Infinity).depth).toBe(7);
  });

  it.each<[Json, boolean]>([
    ['a 😀 in words \\u0000', true],
    [{ a: ['x\0'] }, false],
    [{ '\ud800': 1 }, false],
    [['😀'.slice(1)], false],
  ])('tells of %j whether a row can hold it: %j', (value, isStorable) => {
    expect(measure(value, Infinity).isStorable).toBe(isStorable);
    expect(measure([[value, nested(100)]], Infinity).isStorable).toBe(isStorable);
  });

  it('gives up on a value that is small in memory and endless as text', () => {
    let value: Json = 'x';
    for (let level = 0; level < 200; level++) value = { a: value, b: value };
    expect(measure(value, MAX_DATA_BYTES).bytes).toBeGreaterThan(MAX_DATA_BYTES);
  });
});

describe('withinLimits', () => {
  it('lets 256 KiB pass', () => {
    const text = 'x'.repeat(MAX_DATA_BYTES - 2);
    expect(withinLimits(text, 'It')).toBe(text);
  });

  it('refuses one byte more', () => {
    expect(() => withinLimits('x'.repeat(MAX_DATA_BYTES - 1), 'It')).toThrow('States.DataLimitExceeded');
  });

  it('refuses what is too deep to be walked', () => {
    expect(() => withinLimits(nested(MAX_DATA_DEPTH + 1), 'It')).toThrow('States.Runtime');
    expect(() => withinLimits(nested(100_000), 'It')).toThrow('States.Runtime');
  });
});
