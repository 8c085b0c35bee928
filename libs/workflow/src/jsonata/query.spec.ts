import { describe, expect, it } from '@jest/globals';
import type { Json, JsonObject } from '../model.js';
import { compileQuery } from './compile.js';
import { MAX_STEPS } from './meter.js';
import { evaluateQuery, expressionIn } from './query.js';
import { QueryFailure } from './query-error.js';

const around = { now: Date.UTC(2026, 0, 1), random: () => 0.25, uuid: () => 'u-1' };
const run = (text: string, input: Json = {}, variables: JsonObject = {}, maxSteps?: number): Json =>
  evaluateQuery(text, 'Output', { states: { input }, variables, around, ...(maxSteps && { maxSteps }) });
const causeOf = (text: string, input: Json = {}, maxSteps?: number): string => {
  try {
    run(text, input, {}, maxSteps);
  } catch (error) {
    if (!(error instanceof QueryFailure)) throw error;
    expect(error.error).toBe('States.QueryEvaluationError');
    return error.cause.replace(`The JSONata expression '${text}' specified for the field 'Output' `, '');
  }
  return 'nothing failed';
};
const TIME = 'threw an error during evaluation: Expression evaluation timeout: Check for infinite loop';
const MEMORY =
  'threw an error during evaluation: Expression evaluation memory limit exceeded: Check for excessive memory usage';
const DEPTH =
  'threw an error during evaluation: Stack overflow error: Check for non-terminating recursive function. Consider rewriting as tail-recursive';

describe('evaluateQuery', () => {
  it.each<[string, Json]>([
    ['1 + 1', 2],
    ['$states.input.order.id', 7],
    ['$states.input.order', { id: 7 }],
    ['$states.input.list', [1]],
    ['$states.input.none', null],
    ['$states.input.items[price > 1].name', 'b'],
    ['$states.input.items.name', ['a', 'b']],
    ['$sum($states.input.items.price)', 4],
    ['$states.input.items.{"n": name}', [{ n: 'a' }, { n: 'b' }]],
    ['$size * 2', 6],
    ['$count([1,2]) = 2 and $not(false)', true],
    ['{"a": $states.input.nope, "b": 1}', { b: 1 }],
    ['1/0', 'Infinity'],
    ['$number("0x1f")', 31],
  ])('%s is %j', (text, value) => {
    const input = {
      order: { id: 7 },
      list: [1],
      none: null,
      items: [
        { name: 'a', price: 1 },
        { name: 'b', price: 3 },
      ],
    };
    expect(run(text, input, { size: 3 })).toStrictEqual(value);
  });

  it.each<[string, Json]>([
    ['$partition([1,2,3,4,5], 2)', [[1, 2], [3, 4], [5]]],
    ['$partition([1,2,3], 2.9)', [[1, 2], [3]]],
    ['$range(0, 10, 2)', [0, 2, 4, 6, 8, 10]],
    ['$range(10, 0, -5)', [10, 5, 0]],
    ['$range(-1.7, 2, 1)', [-1, 0, 1, 2]],
    ['$range(3, 3, 1)', 3],
    ['$hash("Hello", "MD5")', '8b1a9953c4611296a827abf8c47804d7'],
    ['$hash("Hello", "SHA-1")', 'f7ff9e8b7bb2e09b70935a5d785e0cc5d9d0abf0'],
    ['$random()', 0.25],
    ['$random(42)', 0.7275636800328681],
    ['$random(0.9)', 0.730967787376657],
    ['$uuid()', 'u-1'],
    ['$parse("{\\"b\\":1,\\"a\\":[null]}")', { b: 1, a: [null] }],
    ['$map(["1","2"], $parse)', [1, 2]],
    ['$now()', '2026-01-01T00:00:00.000Z'],
    ['$now("[Y0001]-[M01]")', '2026-01'],
    ['$millis()', Date.UTC(2026, 0, 1)],
    ['$shuffle([1,2,3,4])', [3, 4, 1, 2]],
  ])("AWS's %s is %j, and the same at a replay", (text, value) => {
    if (!text.startsWith('$shuffle')) expect(run(text)).toStrictEqual(value);
    expect(run(text)).toStrictEqual(run(text));
  });

  it.each([
    ['$states.input.nope', 'returned nothing (undefined).'],
    ['$partition([], 2)', 'returned nothing (undefined).'],
    ['$range(1, 5, 0)', 'returned nothing (undefined).'],
    ['$range(5, 1, 1)', 'returned nothing (undefined).'],
    ['$hash("a")', 'returned nothing (undefined).'],
    ['function($x){$x}', 'returned an unsupported result type.'],
    ['$eval("1")', 'threw an error during evaluation. T1006: Attempted to invoke a non-function'],
    ['$parse("nope")', 'threw an error during evaluation. D3137: Invalid JSON'],
    [
      '$sqrt(-1)',
      'threw an error during evaluation. D3060: The sqrt function cannot be applied to a negative number: -1',
    ],
    ['1 + {}', 'threw an error during evaluation. T2002: The right side of the "+" operator must evaluate to a number'],
    ['$error("boom")', 'threw an error during evaluation. D3137: boom'],
    ['$states.input.(', 'threw an error during evaluation. S0203: Expected ")" before end of expression'],
  ])('%s fails: %s', (text, cause) => {
    expect(causeOf(text)).toBe(cause);
  });

  it('gives plain data, whatever names its fields have', () => {
    const value = run('{"__proto__": {"a": 1}, "b": [1..2]}');
    expect(Object.keys(value as object)).toEqual(['__proto__', 'b']);
    expect(({} as { a?: number }).a).toBeUndefined();
    expect(Object.keys((value as { b: Json[] }).b)).toEqual(['0', '1']);
  });

  it('reads a plain path as the library does', () => {
    const input: Json = {
      a: { b: [1, 2], empty: [], one: [[5]] },
      list: [{ x: 1 }, { x: 2 }, { y: 3 }],
      n: null,
      s: 'x',
    };
    for (const path of [
      'a',
      'a.b',
      'a.empty',
      'a.one',
      'list',
      'list.x',
      'n',
      's',
      's.length',
      'n.x',
      'a.nope',
      'toString',
    ]) {
      const text = `$states.input.${path}`;
      const direct = causeOrValue(text, input);
      expect([path, direct]).toEqual([path, causeOrValue(`(${text})`, input)]);
    }
  });
});

const causeOrValue = (text: string, input: Json): Json => {
  try {
    return run(text, input);
  } catch (error) {
    return { failed: (error as QueryFailure).cause.split("'Output' ")[1] ?? '' };
  }
};

describe('an expression that costs too much', () => {
  const items = Array.from({ length: 1000 }, (_, v) => ({ v }));
  const big = { big: 'x'.repeat(250_000), items, copy: structuredClone(items) };

  it.each([
    ['loops for ever', '($f := function($x){ $f($x+1) }; $f(1))', TIME],
    ['recurses for ever', '($f := function($x){ 1 + $f($x) }; $f(1))', DEPTH],
    ['searches a list for each of many', '$map([1..100000], function($i){ $states.input.items[$i] })', TIME],
    ['appends to a growing list', '$reduce([1..20000], $append)', TIME],
    ['compares each with each', '$distinct([1..200000])', TIME],
    ['makes a huge range', '[1..873783]', MEMORY],
    ['makes a huge range with a step', '$range(1, 1000000000, 1)', MEMORY],
    ['multiplies lists', '[1..5000].[1..5000]', TIME],
    ['pads a text', '$pad("x", 100000000)', MEMORY],
    ['replaces text by longer text', '$replace($states.input.big, "x", $states.input.big)', MEMORY],
    ['replaces matches by longer text', '$replace($states.input.big, /x/, $states.input.big)', MEMORY],
    ['joins by a long text', '$join($map([1..100], $string), $states.input.big)', MEMORY],
    [
      'searches a long text again and again',
      '$map([1..100000], function(){ $contains($states.input.big, /y+$/) })',
      TIME,
    ],
    [
      'compares large values again and again',
      '$map([1..100000], function(){ $states.input.items = $states.input.copy })',
      TIME,
    ],
    ['sorts a huge list', '$sort([1..200000])', TIME],
    ['calls a function for each of very many', '$map([1..800000], $string)', TIME],
    [
      'hashes a long text again and again',
      '$map([1..100000], function(){ $hash($states.input.big, "SHA-512") })',
      TIME,
    ],
    [
      'parses a long text again and again',
      '$map([1..100000], function(){ $parse("\\"" & $states.input.big & "\\"") })',
      TIME,
    ],
    ['doubles a text', '($f := function($s, $n){ $n = 0 ? $s : $f($s & $s, $n - 1) }; $length($f("x", 23)))', MEMORY],
    [
      'doubles an object',
      '($f := function($x, $n){ $n = 0 ? $x : $f({"a": $x, "b": $x}, $n - 1) }; $f({}, 60))',
      MEMORY,
    ],
    ['reads a date in a thousand ways', `$toMillis("${'1'.repeat(60)}x", "[Y][M][D][H][m][s][f][Y][M][D]")`, TIME],
  ])('because it %s ends with a failure', (_, text, cause) => {
    // Less than is allowed, so that the suite is quick.
    expect(causeOf(text, big, cause === TIME ? MAX_STEPS / 10 : MAX_STEPS)).toBe(cause);
  });

  it.each([
    '"a" & "b".c'.repeat(5000),
    '('.repeat(5000) + ')'.repeat(5000),
    '$formatInteger(1, "9999999990")',
    '$fromMillis(0, "[Y,*-99999999]")',
    '$contains("a", /(a{500}b{500}){9}/)',
    '$contains("a", /(?<=x)a/)',
  ])('is refused before it begins (case %#)', (text) => {
    expect(causeOf(text)).toMatch(/^threw an error/);
  });

  it('by itself may take about a second', () => {
    expect(causeOf('($f := function($x){ $f($x+1) }; $f(1))')).toBe(TIME);
    expect(run('$sum($map([1..200000], function($v){ $v * 2 }))')).toBe(40_000_200_000);
  });

  it('of a regular expression does not backtrack', () => {
    const text = 'a'.repeat(50_000);
    expect(run('$contains($states.input, /^(a+)+$/)', `${text}!`)).toBe(false);
    expect(causeOf('$match($states.input, /(a|aa)+b/)', text)).toBe('returned nothing (undefined).');
  });

  it('is not one that AWS evaluates', () => {
    expect(run('[1..873782] ~> $count()')).toBe(873_782);
    expect(run('$range(1, 360145, 1) ~> $count()')).toBe(360_145);
    expect(run(`1${'+1'.repeat(99)}`)).toBe(100);
    expect(run(`${'('.repeat(99)}1${')'.repeat(99)}`)).toBe(1);
    const nested = '($f := function($x){ $x <= 0 ? 0 : 1 + $f($x-1) }; $f(N))';
    expect(run(nested.replace('N', '31'))).toBe(31);
    expect(causeOf(nested.replace('N', '32'))).toBe(DEPTH);
    expect(causeOf(`1${'+1'.repeat(100)}`)).toBe(DEPTH);
  });
});

describe('a regular expression', () => {
  it.each<[string, Json]>([
    ['$match("a1b22", /[a-z](\\d+)/).groups', ['1', '22']],
    ['$replace("John Smith", /(\\w+)\\s(\\w+)/, "$2, $1")', 'Smith, John'],
    ['$replace("aAa", /a/i, "b", 2)', 'bba'],
    ['$split("a, b,c", /,\\s*/)', ['a', 'b', 'c']],
    ['$contains("x\\ny", /^y$/m)', true],
    ['$replace("265USD", /([0-9]+)USD/, function($m){ $m.groups[0] & " dollars" })', '265 dollars'],
  ])('%s is %j', (text, value) => {
    expect(run(text)).toEqual(value);
  });

  it('stays linear when another expression was made by the library alone', () => {
    expect(run('$contains($states.input, /^(x+x+)+y/)', 'x'.repeat(40))).toBe(false);
  });
});

describe('compileQuery', () => {
  it('remembers what it has read, but not everything', () => {
    const first = compileQuery('1 + 2');
    expect(compileQuery('1 + 2')).toBe(first);
    for (let index = 0; index < 2000; index++) compileQuery(`$v${index}`);
    expect(compileQuery('1 + 2')).not.toBe(first);
  });
});

it('finds the expression in its marks', () => {
  expect(expressionIn('{% 1 + 1 %}')).toBe('1 + 1');
  expect(expressionIn('{%$x%}')).toBe('$x');
  for (const text of ['x', '{% 1', '1 %}', 'a {% 1 %}', '{% 1 %} b']) expect(expressionIn(text)).toBeUndefined();
});
