import { describe, expect, it } from '@jest/globals';
import type { Json } from '../model.js';
import { compilePath } from './compile.js';
import { compileReference, place } from './reference.js';
import { select, selectPath } from './select.js';

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
    ['$.books.length()', 2],
    ['$.books[0].title.length()', 1],
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
    '$[(@.length-1)]',
    '$$$',
    '@.a',
    '$.a]',
    `$.${'a'.repeat(5000)}`,
  ])('refuses %s', (path) => {
    expect(() => compilePath(path)).toThrow(/path/i);
  });

  it('refuses regular expressions, which may take for ever', () => {
    expect(() => compilePath("$[?match(@.a, '(a*)*b')]")).toThrow('a function in a filter');
    expect(() => compilePath("$[?search(@.a, '(a*)*b')]")).toThrow('a function in a filter');
  });

  it('refuses more than one recursive descent, as they multiply', () => {
    expect(compilePath('$.a..b').query).toBeDefined();
    expect(() => compilePath('$..a..b')).toThrow("more than one '..'");
  });

  it('refuses selectors that multiply', () => {
    expect(compilePath('$[0,1,2,3][0,1][*]').query).toBeDefined();
    expect(() => compilePath('$[0,0][0,0][0,0][0,0][0,0]')).toThrow('multiply');
    expect(() => compilePath(`$[${'*,'.repeat(20)}*]`)).toThrow('multiply');
  });

  it.each(['$[?(@..a)]', '$[?(@.a[*])]', '$[?($.b[?(@.c)])]', '$[?(@.a[0:1])]', '$[?(!@[0,1])]'])(
    'refuses %s, whose filter searches for each item',
    (path) => {
      expect(() => compilePath(path)).toThrow('in a filter');
    },
  );
});

describe('compileReference', () => {
  it.each(['$.a[*]', '$..a', '$.a[0:1]', '$.a[-1]', '$.a.length()', '$$.a', '$a', '$[?(@.a)]'])(
    'refuses %s',
    (path) => {
      expect(() => compileReference(path)).toThrow('reference path');
    },
  );
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
