import { describe, expect, it } from '@jest/globals';
import { explainPattern, matchesPattern, readPattern } from '../index.js';

const matches = (pattern: unknown, event: unknown): boolean => {
  const read = readPattern(pattern);
  expect(read.problems).toEqual([]);
  return matchesPattern(read.pattern, event);
};
const problemsOf = (pattern: unknown): string[] =>
  readPattern(pattern).problems.map(({ path, message }) => `${path.map((part) => `/${part}`).join('')} ${message}`);

const explain = (pattern: unknown, event: unknown) => explainPattern(readPattern(pattern, ['pattern']).pattern, event);

describe('an event pattern', () => {
  it.each([
    ['an exact text', { a: ['x'] }, { a: 'x' }, { a: 'X' }],
    ['one of several values', { a: ['x', 1, true, null] }, { a: null }, { a: false }],
    ['a number, however it is written', { a: [300] }, { a: 3e2 }, { a: '300' }],
    ['null, which is not the same as nothing', { a: [null] }, { a: null }, {}],
    ['the empty text', { a: [''] }, { a: '' }, { a: ' ' }],
    ['a prefix', { a: [{ prefix: 'in/' }] }, { a: 'in/x' }, { a: 'out/in/x' }],
    ['a prefix in any case', { a: [{ prefix: { 'equals-ignore-case': 'IN/' } }] }, { a: 'In/x' }, { a: 'on/x' }],
    ['a suffix', { a: [{ suffix: '.mp4' }] }, { a: 'x.mp4' }, { a: 'x.mp4.txt' }],
    ['a suffix in any case', { a: [{ suffix: { 'equals-ignore-case': '.MP4' } }] }, { a: 'x.Mp4' }, { a: 'mp4' }],
    ['a text in any case', { a: [{ 'equals-ignore-case': 'Ärger' }] }, { a: 'äRGER' }, { a: 'ärge' }],
    ['a wildcard in the middle', { a: [{ wildcard: 'in/*/x*.mp4' }] }, { a: 'in/a/b/xy.mp4' }, { a: 'in/x.mp4' }],
    ['a wildcard for nothing', { a: [{ wildcard: 'a*b' }] }, { a: 'ab' }, { a: 'a' }],
    ['a wildcard whose ends do not overlap', { a: [{ wildcard: 'aba*aba' }] }, { a: 'abaaba' }, { a: 'ababa' }],
    ['an escaped star', { a: [{ wildcard: 'a\\*b*' }] }, { a: 'a*bc' }, { a: 'axbc' }],
    ['an escaped backslash', { a: [{ wildcard: 'a\\\\*' }] }, { a: 'a\\b' }, { a: 'ab' }],
    ['a number equal', { a: [{ numeric: ['=', 5] }] }, { a: 5.0 }, { a: 6 }],
    ['a number above', { a: [{ numeric: ['>', 5] }] }, { a: 5.1 }, { a: 5 }],
    ['a range of numbers', { a: [{ numeric: ['>=', 0, '<', 5] }] }, { a: 0 }, { a: 5 }],
    ['numbers only, not texts of them', { a: [{ numeric: ['>', 5] }] }, { a: 6 }, { a: '6' }],
    ['presence', { a: [{ exists: true }] }, { a: null }, { b: 1 }],
    ['presence of a value, not of an object', { a: [{ exists: true }] }, { a: [[1]] }, { a: { b: 1 } }],
    ['absence', { a: [{ exists: false }] }, { b: 1 }, { a: 0 }],
    ['absence below what is not there', { a: { b: [{ exists: false }] } }, {}, { a: { b: 1 } }],
    ['absence below what is no object', { a: { b: [{ exists: false }] } }, { a: 1 }, { a: [{ c: 1 }, { b: 1 }] }],
    ['absence or a value', { a: [{ exists: false }, 'x'] }, { a: 'x' }, { a: 'y' }],
    ['an IPv4 range', { a: [{ cidr: '10.1.0.0/16' }] }, { a: '10.1.255.3' }, { a: '10.2.0.0' }],
    ['an IPv6 range', { a: [{ cidr: '2001:db8::/32' }] }, { a: '2001:db8::1' }, { a: '10.0.0.1' }],
    ['anything but a value', { a: [{ 'anything-but': 'x' }] }, { a: 'y' }, { a: 'x' }],
    ['anything but a number', { a: [{ 'anything-but': 1 }] }, { a: '1' }, { a: 1 }],
    ['anything but a list', { a: [{ 'anything-but': ['x', 'y'] }] }, { a: 1 }, { a: 'y' }],
    ['anything but, which needs something', { a: [{ 'anything-but': 'x' }] }, { a: null }, {}],
    ['anything but a prefix', { a: [{ 'anything-but': { prefix: 'x' } }] }, { a: 'y' }, { a: 'xy' }],
    ['anything but prefixes', { a: [{ 'anything-but': { prefix: ['x', 'y'] } }] }, { a: 'z' }, { a: 'yz' }],
    ['anything but suffixes', { a: [{ 'anything-but': { suffix: ['.a', '.b'] } }] }, { a: 'x.c' }, { a: 'x.b' }],
    ['anything but a case', { a: [{ 'anything-but': { 'equals-ignore-case': 'X' } }] }, { a: 'y' }, { a: 'x' }],
    ['anything but wildcards', { a: [{ 'anything-but': { wildcard: ['*/tmp/*'] } }] }, { a: 'a/b' }, { a: 'a/tmp/b' }],
    ['fields within fields', { a: { b: { c: [1] } } }, { a: { b: { c: 1 } } }, { a: { b: { d: 1 } } }],
    ['every field that it names', { a: [1], b: [2] }, { a: 1, b: 2, c: 3 }, { a: 1 }],
    ['an element of an array', { a: ['x'] }, { a: ['w', 'x'] }, { a: ['w'] }],
    ['an array by an element that is not excluded', { a: [{ 'anything-but': 'x' }] }, { a: ['x', 'y'] }, { a: ['x'] }],
    [
      'objects in an array, of which one must meet all',
      { a: { b: [1], c: [2] } },
      { a: [{ b: 1, c: 2 }, { b: 3 }] },
      {
        a: [
          { b: 1, c: 3 },
          { b: 3, c: 2 },
        ],
      },
    ],
    ['one of $or', { $or: [{ a: [1] }, { b: [{ numeric: ['>', 5] }] }] }, { b: 6 }, { a: 2, b: 5 }],
    ['$or beside a field', { x: [0], $or: [{ a: [1] }, { b: [1] }] }, { x: 0, a: 1 }, { x: 1, a: 1 }],
    ['$or within a field', { d: { $or: [{ a: [1] }, { b: [1] }] } }, { d: { b: 1 } }, { b: 1 }],
    ['$or within $or', { $or: [{ $or: [{ a: [1] }, { b: [1] }] }, { c: [1] }] }, { b: 1 }, { d: 1 }],
    ['only fields of the event itself', { constructor: [{ exists: false }] }, {}, { constructor: 1 }],
  ])('matches %s', (_what, pattern, yes, no) => {
    expect(matches(pattern, yes)).toBe(true);
    expect(matches(pattern, no)).toBe(false);
  });

  it.each([
    ['x', ' must be an object'],
    [['x'], ' must be an object'],
    [{}, ' must not be empty'],
    [{ a: {} }, '/a must not be empty'],
    [{ a: [] }, '/a must not be empty'],
    [{ a: 'x' }, '/a must be an array of what may stand there, such as ["x"]'],
    [{ a: [['x']] }, '/a/0 must be a text, a number'],
    [{ a: ['x', { begins: 'x' }] }, '/a/1 has no comparison of the name "begins": there are prefix'],
    [{ a: [{ constructor: 'x' }] }, '/a/0 has no comparison'],
    [{ a: [{ prefix: 'x', suffix: 'y' }] }, '/a/0 must have exactly one comparison'],
    [{ a: [{}] }, '/a/0 must have exactly one comparison'],
    [{ a: [{ prefix: 1 }] }, '/a/0 "prefix" must be a text'],
    [{ a: [{ suffix: { wildcard: 'x' } }] }, '/a/0 "suffix" must be a text, or {"equals-ignore-case"'],
    [{ a: [{ wildcard: 'a**b' }] }, '/a/0 "wildcard" must not have one wildcard after another, at position 2'],
    [{ a: [{ wildcard: 'a\\b' }] }, '/a/0 "wildcard" has an invalid escape at position 1'],
    [{ a: [{ wildcard: 'a\\' }] }, '/a/0 "wildcard" has an invalid escape'],
    [{ a: [{ wildcard: 1 }] }, '/a/0 "wildcard" must be a text'],
    [{ a: [{ exists: 'yes' }] }, '/a/0 "exists" must be true or false'],
    [{ a: [{ cidr: '10.0.0.0' }] }, '/a/0 "cidr" must be a range'],
    [{ a: [{ cidr: '10.0.0.0/33' }] }, '/a/0 "cidr" must be a range'],
    [{ a: [{ numeric: 5 }] }, '/a/0 "numeric" must be an array'],
    [{ a: [{ numeric: ['>'] }] }, '/a/0 "numeric" must have one comparison'],
    [{ a: [{ numeric: ['!=', 5] }] }, '/a/0 "numeric" has no comparison "!="'],
    [{ a: [{ numeric: ['>', '5'] }] }, '/a/0 "numeric" must have a number after ">"'],
    [{ a: [{ numeric: ['>', 6e9] }] }, '/a/0 "numeric" must have numbers between'],
    [{ a: [{ numeric: ['<', 5, '>', 0] }] }, '/a/0 "numeric" must have the lower bound first'],
    [{ a: [{ numeric: ['>', 5, '<', 5] }] }, '/a/0 "numeric" must have a lower bound that is less'],
    [{ a: [{ 'anything-but': [] }] }, '/a/0 "anything-but" must name at least one value'],
    [{ a: [{ 'anything-but': ['x', 1] }] }, '/a/0 "anything-but" must be a list of texts only or of numbers only'],
    [{ a: [{ 'anything-but': { numeric: ['>', 1] } }] }, '/a/0 "anything-but" must have exactly one comparison inside'],
    [{ a: [{ 'anything-but': { prefix: '' } }] }, '/a/0 "anything-but" must not exclude the empty prefix'],
    [{ a: [{ 'anything-but': { suffix: [] } }] }, '/a/0 "anything-but" must exclude at least one suffix'],
    [{ a: [{ 'anything-but': { wildcard: ['a', '**'] } }] }, '/a/0 "anything-but" wildcard must not have one wildcard'],
    [{ $or: [{ a: [1] }] }, '/$or must be an array of at least two patterns'],
    [{ $or: [{ a: [1] }, {}] }, '/$or/1 must not be empty'],
    [{ a: ['x'.repeat(20_000)] }, ' must not be longer than 16384 characters'],
  ])('is refused when it is %p', (pattern, problem) => {
    expect(problemsOf(pattern)).toEqual([expect.stringContaining(problem)]);
  });

  it('is refused with every problem at once, and for depth without running out of stack', () => {
    expect(problemsOf({ a: [], b: { c: 1 } })).toHaveLength(2);
    let deep: unknown = [1];
    for (let level = 0; level < 2_000; level++) deep = { a: deep };
    expect(problemsOf(deep)).toEqual([expect.stringContaining('must not be nested deeper than 50')]);
  });
});

describe('an explained pattern', () => {
  it('says of each rule what was expected and what was there', () => {
    expect(explain({ a: ['x'], b: { c: [{ numeric: ['>', 5] }] } }, { a: 'x', b: { c: [1, 2] } })).toEqual([
      { pointer: '/pattern/a', field: 'a', expected: ['x'], actual: ['x'], matched: true },
      { pointer: '/pattern/b/c', field: 'b.c', expected: [{ numeric: ['>', 5] }], actual: [1, 2], matched: false },
    ]);
  });

  it('tells of a choice the branch that holds, or all of them', () => {
    const pattern = { $or: [{ a: [1] }, { b: [1] }] };
    expect(explain(pattern, { b: 1 })).toMatchObject([{ pointer: '/pattern/$or/1/b', matched: true }]);
    expect(explain(pattern, {})).toMatchObject([{ matched: false }, { matched: false }]);
  });

  it('says so when no element of an array meets all rules, though each rule holds for one', () => {
    const rules = explain({ a: { b: [1], c: [2] } }, { a: [{ b: 1 }, { c: 2 }] });
    expect(rules.map(({ matched }) => matched)).toEqual([true, true, false]);
    expect(rules.at(-1)?.note).toContain('no element meets all');
  });
});
