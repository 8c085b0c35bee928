import { describe, expect, it } from '@jest/globals';
import { itemParser, parseItems } from './item-parser.js';

describe('JSON Lines', () => {
  const text = '{"a":1}\n\n[2]\r\n"ü"';
  const whole = [{ value: { a: 1 } }, { value: [2] }, { value: 'ü' }];

  it('give the same items wherever they are cut', () => {
    for (let at = 0; at <= text.length; at++) {
      const parser = itemParser({ inputType: 'JSONL' });
      expect([...parser.feed(text.slice(0, at)), ...parser.feed(text.slice(at)), ...parser.end()]).toEqual(whole);
    }
  });

  it('give an item as soon as its line has ended', () => {
    const parser = itemParser({ inputType: 'JSONL' });
    expect(parser.feed('1\n2')).toEqual([{ value: 1 }]);
    expect(parser.feed('3\n')).toEqual([{ value: 23 }]);
  });

  it('refuse a line that does not end', () => {
    const parser = itemParser({ inputType: 'JSONL' });
    const piece = 'x'.repeat(1024 * 1024);
    expect(() => {
      for (let n = 0; n < 9; n++) parser.feed(piece);
    }).toThrow('Line 1 is too long');
  });

  it('say which line is wrong', () => {
    expect(() => parseItems('1\n2\nx', { inputType: 'JSONL' })).toThrow('Line 3 is not JSON');
  });
});

describe('JSON', () => {
  it('is read as a whole, however it is cut', () => {
    const parser = itemParser({ inputType: 'JSON' });
    expect([...parser.feed('[1,'), ...parser.feed('2]'), ...parser.end()]).toEqual([{ value: 1 }, { value: 2 }]);
  });

  it('gives the members of an object with their names', () => {
    expect(parseItems('{"__proto__":1,"b":2}', { inputType: 'JSON' })).toEqual([
      { key: '__proto__', value: 1 },
      { key: 'b', value: 2 },
    ]);
  });

  it('refuses what is neither an array nor an object', () => {
    expect(() => parseItems('{"a":1}', { inputType: 'JSON', itemsPointer: '/a' })).toThrow(
      'Attempting to map over non-iterable node.',
    );
  });

  it('does not take what every object inherits for a member', () => {
    expect(() => parseItems('{}', { inputType: 'JSON', itemsPointer: '/constructor' })).toThrow(
      'does not match any valid path',
    );
  });
});
