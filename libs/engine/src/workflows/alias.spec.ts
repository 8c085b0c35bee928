import { describe, expect, it } from '@jest/globals';
import { aliasName, chooseVersion, newAlias } from './alias.js';

const routes = [
  { version: 3, weight: 90 },
  { version: 4, weight: 10 },
];
const messages = (value: unknown) => newAlias.safeParse(value).error?.issues.map(({ message }) => message);

describe('an alias', () => {
  it('leads to each of its versions as often as the weights say', () => {
    const chosen = Array.from({ length: 100 }, (_, n) => chooseVersion(routes, n / 100));
    expect(chosen.filter((version) => version === 3)).toHaveLength(90);
    expect(chosen.slice(90)).toEqual(Array.from({ length: 10 }, () => 4));
  });

  it('never leads to a version of no weight', () => {
    const all = [
      { version: 1, weight: 0 },
      { version: 2, weight: 100 },
    ];
    expect([chooseVersion(all, 0), chooseVersion(all, 0.999_999)]).toEqual([2, 2]);
  });

  it('has one or two routes, to different versions, that weigh 100 together', () => {
    expect(newAlias.safeParse({ routes }).success).toBe(true);
    expect(messages({ routes: [] })).toContain('must have one or two routes');
    expect(messages({ routes: [...routes, { version: 5, weight: 0 }] })).toContain('must have one or two routes');
    expect(messages({ routes: [{ version: 1, weight: 99 }] })).toEqual(['must have weights that are 100 together']);
    const twice = { version: 1, weight: 50 };
    expect(messages({ routes: [twice, twice] })).toEqual(['must not name a version twice']);
  });

  it('has a name that is no number, as a number is a version', () => {
    expect(['live', 'v1', '1.0', 'a'.repeat(80)].map((name) => aliasName.safeParse(name).success)).toEqual(
      Array.from({ length: 4 }, () => true),
    );
    expect(['7', '', 'a b', 'a:b', 'a'.repeat(81)].map((name) => aliasName.safeParse(name).success)).toEqual(
      Array.from({ length: 5 }, () => false),
    );
  });
});
