import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { parse } from './issues.js';

const issuesOf = (schema: z.ZodType, value: unknown): unknown => {
  try {
    parse(schema, value);
  } catch (error) {
    return (error as { issues: unknown }).issues;
  }
  return [];
};

describe('parse', () => {
  it('gives the value with its defaults', () => {
    expect(parse(z.object({ a: z.string().default('x') }), {})).toEqual({ a: 'x' });
  });

  it('tells every broken rule, each with a pointer to its field', () => {
    const schema = z.strictObject({ 'a/b': z.string(), list: z.array(z.number()) });
    expect(issuesOf(schema, { list: [1, 'x'], more: 1, other: 2 })).toEqual([
      { pointer: '/a~1b', message: 'is required' },
      { pointer: '/list/1', message: expect.stringContaining('expected number') },
      { pointer: '/more', message: 'is not a known field' },
      { pointer: '/other', message: 'is not a known field' },
    ]);
  });

  it('says of a missing body that it is required, and points at it whole', () => {
    expect(issuesOf(z.object({}), undefined)).toEqual([{ pointer: '', message: 'is required' }]);
    expect(issuesOf(z.object({ a: z.string() }), { a: null })).not.toEqual([{ pointer: '/a', message: 'is required' }]);
  });

  it('tells of a union the branch that was meant, or its own message', () => {
    const branches = [z.object({ a: z.object({ deep: z.number() }) }), z.string()] as const;
    expect(issuesOf(z.union(branches), { a: { deep: 'x' } })).toMatchObject([{ pointer: '/a/deep' }]);
    expect(issuesOf(z.union(branches, { error: 'must be one of two' }), 1)).toEqual([
      { pointer: '', message: 'must be one of two' },
    ]);
  });

  it('tells the rule of a key that breaks it', () => {
    const schema = z.record(z.string().regex(/^[a-z]+$/, 'must be lower case'), z.string());
    expect(issuesOf(schema, { A: '' })).toEqual([{ pointer: '/A', message: 'must be lower case' }]);
  });
});
