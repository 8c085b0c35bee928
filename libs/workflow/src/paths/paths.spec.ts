import { describe, expect, it } from '@jest/globals';
import type { Json } from '../model.js';
import { compilePath } from './compile.js';
import { compileReference, place } from './reference.js';
import { select, selectPath, selectRequired } from './select.js';

const store: Json = { books: [{ title: 'A', tags: ['x'] }, { title: 'B' }], 'a.b': 1, "it's": 2, empty: null };
const selected = (path: string) =>
  select(path, { input: store, context: () => ({ Name: 'n' }), variables: { order: { id: 7 }, größe: [1, 2] } });

describe('select', () => {
  it.each<[string, Json | undefined]>([
    ['$', store],
    ['$.books[0].title', 'A'],
    ['$.books[-1].title', 'B'],
    ["$['a.b']", 1],
    ['$["a.b"]', 1],
    ["$.['a.b']", 1],
    ["$['it\\'s']", 2],
    ['$.empty', null],
    ['$.books[9]', undefined],
    ['$.books.title', undefined],
    ['$.a-b', undefined],
    ['$.books[*].title', ['A', 'B']],
    ['$.books.*.title', ['A', 'B']],
    ['$..title', ['A', 'B']],
    ["$..['title']", ['A', 'B']],
    ["$.books[?(@.title=='B')]", [{ title: 'B' }]],
    ["$.books[?(@['title'] == 'B')]", [{ title: 'B' }]],
    ['$.books[?(@.tags)].title', ['A']],
    ['$.books[?(@.title == "]")]', []],
    ['$.books.length()', undefined],
    ["$.books[0]['title', 'tags', 'none']", { title: 'A', tags: ['x'] }],
    ['$.books[0,1].title', ['A', 'B']],
    ['$.books[-1:].title', ['B']],
    ['$.books[0:9].title', ['A', 'B']],
    ['$.books[0,9]', [{ title: 'A', tags: ['x'] }, null]],
    ['$..tags..[0]', ['x']],
    ["$.books[?(@.title == 'A' || @.title == 'B')].title", ['A', 'B']],
    ["$.books[?(!@.tags && @.title != 'A')].title", ['B']],
    ["$.books[?((@.title > 'A'))].title", ['B']],
    ['$.books[?(@.title == $.books[1].title)].title', ['B']],
    ["$[?(@['a.b'] >= 1)]['a.b']", [1]],
    ["$.books[0].tags[?(@ == 'x')]", []],
    ['$.books[?(@.none == null)]', []],
    ['$.none[*].title', []],
    ['$.empty[*]', []],
    ["$['books', 'empty'].title", undefined],
    ['$..title.none', undefined],
    ['$$', { Name: 'n' }],
    ['$$.Name', 'n'],
    ['$order', { id: 7 }],
    ['$order.id', 7],
    ['$größe[1]', 2],
    ['$größe[*]', [1, 2]],
    ['$nope', undefined],
    ['$toString', undefined],
  ])('finds what %s names', (path, value) => {
    expect(selected(path)).toEqual(value);
  });

  it('does not find what objects inherit', () => {
    expect(selected('$.toString')).toBeUndefined();
    expect(selected("$['__proto__']")).toBeUndefined();
  });
});

describe('selectRequired', () => {
  it.each([
    ['$.nope', "No results for path: $['nope']"],
    ['$.nope.deep', "Missing property in path $['nope']"],
    ['$.books.length()', "Property ['length()'] not found in path $['books']"],
    ["$['books', 'empty'].title", "Multi properties can only be used as path leafs: $['books', 'empty']"],
    ['$.empty[0]', "The path $['empty'] is null"],
    ["$['a.b'][0].x", "Filter: [0]['x'] can only be applied to arrays. Current context is: 1"],
    ['$.books[0].title[0]', 'Filter: [0] can only be applied to arrays. Current context is: A'],
    ["$['a.b'][?(@.x)].y", "Filter: [?]['y'] can not be applied to primitives. Current context is: 1"],
    ['$.*.title', "Property ['title'] not found in path $['books']"],
    ["$[?(@['a.b'] == 'x')]", 'Character x is neither a decimal digit number'],
  ])('says why %s leads nowhere, as AWS does', (path, reason) => {
    expect(() => selectRequired(path, { input: store, context: () => null })).toThrow(reason);
  });
});

describe('selectPath', () => {
  it('gives the one value, or nothing', () => {
    expect(selectPath('$.books[0].title', store)).toBe('A');
    expect(selectPath('$.books[0].nope', store)).toBeUndefined();
    expect(selectPath("$.books[?(@.title == 'B')].title", store)).toBe('B');
    expect(selectPath('$.books[*].title', store)).toBeUndefined();
  });
});

describe('compilePath', () => {
  it('remembers what it has read, but not everything', () => {
    const first = compilePath('$.first');
    expect(compilePath('$.first')).toBe(first);
    for (let index = 0; index < 2000; index++) compilePath(`$.other${index}`);
    expect(compilePath('$.first')).not.toBe(first);
  });

  it.each([
    '',
    'x',
    '$1',
    '$.',
    '$..',
    '$.a.',
    '$.a b',
    '$[',
    '$[a]',
    "$['a]",
    '$[1.5]',
    '$[?(@.a ==)]',
    '$[?(1)]',
    '$[(@.length-1)]',
    '$$$',
    '@.a',
    '$.a]',
    `$.${'a'.repeat(5000)}`,
  ])('refuses %s', (path) => {
    expect(() => compilePath(path)).toThrow(/path/i);
  });

  it.each(['$[?match(@.a, "x")]', '$[?(@.a =~ /x/)]', "$[?(@.a in ['x'])]", '$[?(@.a size 1)]', '$[:]'])(
    'refuses %s, which AWS cannot read, or says that it does not support',
    (path) => {
      expect(() => compilePath(path)).toThrow('cannot be read');
    },
  );

  it('refuses a filter of too many parentheses', () => {
    expect(compilePath(`$[?(${'('.repeat(40)}@.a${')'.repeat(40)})]`).steps).toHaveLength(1);
    expect(() => compilePath(`$[?(${'('.repeat(99)}@.a${')'.repeat(99)})]`)).toThrow('cannot be read');
  });
});

describe('a path that multiplies', () => {
  const deep = (levels: number): Json => (levels === 0 ? 1 : { a: deep(levels - 1) });

  it('ends as if it led nowhere', () => {
    const root = deep(40);
    expect(select('$..a..a..a', { input: root, context: () => null })).toHaveLength(9880);
    const path = `$${'..a'.repeat(30)}`;
    expect(() => selectRequired(path, { input: root, context: () => null })).toThrow('Too many places are searched.');
  });
});

describe('compileReference', () => {
  it.each(['$.a[*]', '$..a', '$.a[0:1]', '$.a[-1]', "$['a','b']", '$$.a', '$a', '$[?(@.a)]'])('refuses %s', (path) => {
    expect(() => compileReference(path)).toThrow('reference path');
  });
});

describe('place', () => {
  it('copies what it changes and shares the rest', () => {
    const before = { a: { b: 1 }, c: { d: 2 } };
    const after = place(before, '$.a.b', 3) as typeof before;
    expect(after).toEqual({ a: { b: 3 }, c: { d: 2 } });
    expect(before.a.b).toBe(1);
    expect(after.c).toBe(before.c);
  });

  it('keeps the order of the fields', () => {
    expect(JSON.stringify(place({ a: 1, b: 2 }, '$.a', 3))).toBe('{"a":3,"b":2}');
  });

  it('does not change the prototype of anything', () => {
    place({}, '$.__proto__.polluted', true);
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });
});
