import { describe, expect, it } from '@jest/globals';
import { isNestedTooDeep, MAX_NESTING } from './nesting.js';

const nested = (levels: number, open = '[', close = ']') => open.repeat(levels) + close.repeat(levels);

describe('JSON that is nested', () => {
  it('is too deep above the limit, be it of lists, of objects or of both', () => {
    expect(isNestedTooDeep(nested(MAX_NESTING))).toBe(false);
    expect(isNestedTooDeep(nested(MAX_NESTING + 1))).toBe(true);
    expect(isNestedTooDeep(nested(MAX_NESTING + 1, '{"a":', '}'))).toBe(true);
    expect(isNestedTooDeep(nested(MAX_NESTING / 2 + 1, '[{"a":', '}]'))).toBe(true);
  });

  it('is not deep for being long, or for what stands in its strings', () => {
    expect(isNestedTooDeep(`[${'[],'.repeat(5_000)}[]]`)).toBe(false);
    expect(isNestedTooDeep(JSON.stringify('['.repeat(5_000)))).toBe(false);
    expect(isNestedTooDeep(JSON.stringify(`"\\"${'['.repeat(5_000)}`))).toBe(false);
    expect(isNestedTooDeep(JSON.stringify({ 'a\\': '[{"\\'.repeat(2_000) }))).toBe(false);
    expect(isNestedTooDeep(`["\\\\",${nested(MAX_NESTING)}]`)).toBe(true);
  });

  it('is told apart although the text is broken', () => {
    expect(isNestedTooDeep(`"${'['.repeat(5_000)}`)).toBe(false);
    expect(isNestedTooDeep('['.repeat(5_000))).toBe(true);
  });
});
