import { describe, expect, it } from '@jest/globals';
import { objectReferences, targetOf } from './object-references.js';

const read = (input: unknown) => objectReferences({ inputs: { in: '$.in' } }, { in: input } as never);
const write = (output: unknown) => objectReferences({ outputs: { out: '$.out' } }, { out: output } as never);

describe('the objects of an invocation', () => {
  it('are named by bucket and key, or by one text', () => {
    const expected = { inputs: [{ name: 'in', bucket: 'abc', key: 'a/b' }], outputs: [] };
    expect(read({ bucket: 'abc', key: 'a/b', frames: 5 })).toEqual(expected);
    expect(read('s3://abc/a/b')).toEqual(expected);
  });

  it('may be a list, in its order', () => {
    expect(read(['s3://abc/x', { bucket: 'abc', key: 'y' }])).toMatchObject({
      inputs: [
        { name: 'in/0000', key: 'x' },
        { name: 'in/0001', key: 'y' },
      ],
    });
    expect(read(['s3://abc/x', 5])).toMatchObject({ error: 'Function.InvalidInput' });
    expect(read(Array.from({ length: 1_001 }, () => 's3://abc/x'))).toMatchObject({ error: 'Function.InvalidInput' });
  });

  it('may be a folder to write into, but not one to read', () => {
    const expected = { outputs: [{ name: 'out', bucket: 'abc', key: 'film/' }] };
    expect(write({ bucket: 'abc', prefix: 'film' })).toMatchObject(expected);
    expect(write({ bucket: 'abc', prefix: 'film/' })).toMatchObject(expected);
    expect(read({ bucket: 'abc', prefix: 'film' })).toMatchObject({ error: 'Function.InvalidInput' });
  });

  it.each([
    { bucket: 'abc', prefix: '' },
    { bucket: 'A', prefix: 'x' },
    { bucket: 'spool-system', prefix: 'x' },
    { bucket: 'abc', prefix: 'x'.repeat(1_024) },
    ['s3://abc/x'],
  ])('are refused where they are %j', (output) => {
    expect(write(output)).toMatchObject({ error: 'Function.InvalidInput' });
  });
});

describe('the target of an uploaded file', () => {
  const outputs = [
    { name: 'one', bucket: 'abc', key: 'x.mp4' },
    { name: 'all', bucket: 'abc', key: 'film/' },
  ];

  it('is the output of its name, or a key below the folder', () => {
    expect(targetOf(outputs, 'one')).toMatchObject({ key: 'x.mp4' });
    expect(targetOf(outputs, 'all/v1/seg.m4s')).toEqual({
      name: 'all/v1/seg.m4s',
      bucket: 'abc',
      key: 'film/v1/seg.m4s',
    });
  });

  it.each(['none', 'all', 'all/', 'all/../x', 'all/./x', 'all//x', 'one/x', `all/${'x'.repeat(1_024)}`])(
    'is nowhere for %s',
    (name) => {
      expect(targetOf(outputs, name)).toBeUndefined();
    },
  );
});
