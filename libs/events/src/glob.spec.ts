import { describe, expect, it } from '@jest/globals';
import { readGlob } from './glob.js';

const matches = (glob: string, key: string): boolean => {
  const read = readGlob(glob);
  if (typeof read === 'string') throw new Error(read);
  // What an index relies on.
  if (read.test(key)) expect([key.startsWith(read.prefix), key.endsWith(read.suffix)]).toEqual([true, true]);
  return read.test(key);
};

describe('a glob', () => {
  it.each([
    ['in/*.mp4', ['in/a.mp4', 'in/.mp4'], ['in/b/a.mp4', 'in/a.MP4', 'x/in/a.mp4', 'in/a.mp4x']],
    ['in/**/*.mp4', ['in/a.mp4', 'in/b/c/a.mp4'], ['in.mp4', 'inn/a.mp4']],
    ['**/take-?.mov', ['take-1.mov', 'a/b/take-x.mov'], ['take-10.mov', 'a/mytake-1.mov']],
    ['raw**', ['raw', 'raw/a/b', 'rawest'], ['a/raw']],
    ['{in,drop/{a,b}}/*.{mov,mp4}', ['in/x.mov', 'drop/b/x.mp4'], ['drop/c/x.mov', 'in/x.mkv']],
    ['[a-c]?[!0-9]', ['bxx', 'a1_'], ['d1_', 'a11', 'a1/']],
    ['[]x].txt', ['].txt', 'x.txt'], ['y.txt']],
    ['a,b', ['a,b'], ['a', 'b']],
    ['\\*\\{x}.[ab].(c)+$', [], []],
    ['caf\u00e9/🎬*', ['café/🎬 1'], ['café/1']],
  ])('%s takes what a shell would', (glob, taken, refused) => {
    if (taken.length === 0) return expect(readGlob(glob)).toBe('has a } without its {, at position 5');
    for (const key of taken) expect([key, matches(glob, key)]).toEqual([key, true]);
    for (const key of refused) expect([key, matches(glob, key)]).toEqual([key, false]);
  });

  it('takes an escaped character as it is', () => {
    expect(matches('a\\*b.(c)+', 'a*b.(c)+')).toBe(true);
    expect(matches('a\\*b', 'axb')).toBe(false);
  });

  it.each([
    ['', 'must have 1 to 1024 characters'],
    ['a{b', 'has a { without its }'],
    ['ab]c[', 'has a [ without its ], at position 4'],
    ['[z-a]', 'has the range z-a, which is empty, at position 0'],
    ['a\\', 'has a backslash with nothing behind it, at position 1'],
    ['{{{{{{a}}}}}}', 'must not have more than 5 braces within one another'],
  ])('%j is refused with the reason', (glob, reason) => {
    expect(readGlob(glob)).toBe(reason);
  });

  it('needs time in proportion to the key, whatever it is', () => {
    const key = 'a'.repeat(1_024);
    expect(matches(`${'*a'.repeat(30)}*b`, key)).toBe(false);
    expect(matches(`{${'a*,'.repeat(50)}b}*c`, key)).toBe(false);
  });
});
