import { describe, expect, it } from '@jest/globals';
import { parseIntrinsic } from './parse.js';

const nested = (count: number) => 'States.Array('.repeat(count) + ')'.repeat(count);

describe('parseIntrinsic', () => {
  it('reads every kind of argument', () => {
    expect(
      parseIntrinsic(" States.Array( 'a' ,1,-2.5e1,true,null,$.a[?(@.b == ')')] , $$.x, States.UUID() ) "),
    ).toEqual({
      kind: 'call',
      name: 'States.Array',
      args: [
        { kind: 'string', raw: 'a' },
        { kind: 'literal', value: 1 },
        { kind: 'literal', value: -25 },
        { kind: 'literal', value: true },
        { kind: 'literal', value: null },
        { kind: 'path', path: "$.a[?(@.b == ')')]" },
        { kind: 'path', path: '$$.x' },
        { kind: 'call', name: 'States.UUID', args: [] },
      ],
    });
  });

  it.each([
    ['missing', "','"],
    ['States.UUID', "'(' is missing"],
    ['States.UUID(', 'is missing'],
    ["States.Array('a)", 'does not end'],
    ["States.Array('a\\n')", 'before something else'],
    ['States.Array(1,)', 'is missing'],
    ['States.Array(1 2)', "')' is missing"],
    ['States.Array(1) x', 'more after the call'],
    ['States.Array($.a[1)', "'[' is not closed"],
    ['States.Array(01x)', 'is missing'],
    ['1', 'is missing'],
  ])('refuses %s', (text) => {
    expect(() => parseIntrinsic(text)).toThrow('is not valid at character');
  });

  it('refuses more than ten calls inside of each other', () => {
    expect(parseIntrinsic(nested(10)).name).toBe('States.Array');
    expect(() => parseIntrinsic(nested(11))).toThrow('more than 10 calls');
    expect(() => parseIntrinsic(nested(100_000))).toThrow('at most');
  });
});
