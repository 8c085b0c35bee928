import { describe, expect, it } from '@jest/globals';
import { S3Error } from './s3-error.js';
import { parseXml, toXml } from './xml.js';

describe('xml', () => {
  it('writes nested elements, repeats arrays and leaves out what is undefined', () => {
    expect(toXml('A', { B: ['x', 'y'], C: { D: 1 }, E: undefined }, 'urn:n')).toBe(
      '<?xml version="1.0" encoding="UTF-8"?>\n<A xmlns="urn:n"><B>x</B><B>y</B><C><D>1</D></C></A>',
    );
  });

  it.each([' a&b<c>"\'\r\n\u0001 ', 'a&lt;b', '&amp;lt;', 'ü🎬'])('reads back the text %j exactly', (text) => {
    expect(parseXml(toXml('A', { Key: text }), 'A').text('Key')).toBe(text);
  });

  it('reads elements whatever their namespace prefix', () => {
    expect(parseXml('<s3:A xmlns:s3="urn:n"><s3:Key>k</s3:Key></s3:A>', 'A').text('Key')).toBe('k');
  });

  it.each([
    '',
    'hello',
    '<A><B></A>',
    '<B/>',
    '<!DOCTYPE A [<!ENTITY e "x">]><A>&e;</A>',
    '<A><Key><![CDATA[k]]></Key></A>',
    '<A><__proto__>x</__proto__></A>',
  ])('refuses %j', (text) => {
    expect(() => parseXml(text, 'A')).toThrow(S3Error);
  });
});
