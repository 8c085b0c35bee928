import { describe, expect, it } from '@jest/globals';
import { CsvParser } from './csv.js';
import type { ReaderConfig } from './map-run.js';

const FIRST_ROW: ReaderConfig = { inputType: 'CSV', csvHeaderLocation: 'FIRST_ROW' };
const rows = (...chunks: string[]) => {
  const parser = new CsvParser(FIRST_ROW);
  return [...chunks.flatMap((chunk) => parser.feed(chunk)), ...parser.end()];
};

describe('CSV', () => {
  const text = 'id,"na""me"\r\n1,"a,\r\nb"\r\n"2",ü😀\r\n';
  const whole = [
    { id: '1', 'na"me': 'a,\r\nb' },
    { id: '2', 'na"me': 'ü😀' },
  ];

  it('gives the same rows wherever it is cut', () => {
    const characters = [...text];
    for (let at = 0; at <= characters.length; at++) {
      expect(rows(characters.slice(0, at).join(''), characters.slice(at).join(''))).toEqual(whole);
    }
    expect(rows(...characters)).toEqual(whole);
  });

  it('gives a row as soon as it has ended', () => {
    const parser = new CsvParser(FIRST_ROW);
    expect(parser.feed('a\n1\n2')).toEqual([{ a: '1' }]);
    expect(parser.feed('3\n')).toEqual([{ a: '23' }]);
  });

  it('takes a byte order mark that comes alone', () => {
    expect(rows('\uFEFF', 'a\n1')).toEqual([{ a: '1' }]);
  });

  it('makes a field of each header, whatever its name', () => {
    expect(Object.keys(rows('__proto__,constructor\n1,2\n')[0] ?? {})).toEqual(['__proto__', 'constructor']);
  });

  it('refuses a row that does not end', () => {
    const parser = new CsvParser(FIRST_ROW);
    parser.feed('a\n"');
    const piece = 'x\n'.repeat(512 * 1024);
    expect(() => {
      for (let n = 0; n < 9; n++) parser.feed(piece);
    }).toThrow('too long');
  });

  it('takes a quote within a field that does not begin with one as it is', () => {
    expect(rows('a\n5" pipe\n')).toEqual([{ a: '5" pipe' }]);
  });

  it("refuses two headers of one name, in AWS's words", () => {
    expect(() => rows('a,b,a\n1,2,3\n')).toThrow('CSV headers cannot contain duplicates.');
    expect(() => new CsvParser({ inputType: 'CSV', csvHeaderLocation: 'GIVEN', csvHeaders: ['a', 'a'] })).toThrow(
      'CSV headers cannot contain duplicates.',
    );
  });
});
