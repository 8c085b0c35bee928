import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { toProblem } from '@app/common';

interface Declared {
  readonly code: string;
  readonly kind: string;
  readonly file: string;
}

const sources = ['libs', 'apps'].flatMap((top) =>
  readdirSync(top, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.spec.ts'))
    .map((file) => join(top, file)),
);
const declared: Declared[] = sources.flatMap((file) =>
  [...readFileSync(file, 'utf8').matchAll(/readonly kind = '(\w+)';\s*readonly code = '([^']*)'/g)].map(
    ([, kind = '', code = '']) => ({ code, kind, file }),
  ),
);
/** The gateway's answers to requests that never reach a service. */
const ofHttp = [
  ...(
    /const CODES[^{]*\{([^}]*)\}/.exec(readFileSync('apps/gateway/src/shell/problem.filter.ts', 'utf8'))?.[1] ?? ''
  ).matchAll(/(\d{3}): '(\w+)'/g),
].map(([, status = '', code = '']) => ({ code, status: Number(status) }));
const rows = new Map(
  [...readFileSync('docs/errors.md', 'utf8').matchAll(/^\| `(\w+)` +\| (\d{3}) +\| (.+) \|$/gm)].map(
    ([, code = '', status = '', meaning = '']) => [code, { status: Number(status), meaning: meaning.trim() }] as const,
  ),
);

describe('the error codes', () => {
  it('are each declared once, with a kind', () => {
    const all = sources.flatMap((file) => [...readFileSync(file, 'utf8').matchAll(/readonly code = '([^']*)'/g)]);
    expect(all).toHaveLength(declared.length);
    const codes = declared.map(({ code }) => code);
    expect(codes.filter((code, index) => codes.indexOf(code) !== index)).toEqual([]);
    expect(codes.length).toBeGreaterThan(30);
  });

  it('are in snake_case', () => {
    expect(declared.filter(({ code }) => !/^[a-z]+(_[a-z0-9]+)*$/.test(code))).toEqual([]);
  });

  it('stand in docs/errors.md with the status that their kind has', () => {
    const wrong = declared.filter(({ code, kind }) => rows.get(code)?.status !== statusOf(kind));
    expect(wrong).toEqual([]);
    expect(ofHttp.length).toBeGreaterThan(5);
    expect(ofHttp.filter(({ code, status }) => rows.get(code)?.status !== status)).toEqual([]);
  });

  it('are all that docs/errors.md lists', () => {
    const known = new Set([...declared, ...ofHttp].map(({ code }) => code)).add('internal');
    expect([...rows.keys()].filter((code) => !known.has(code))).toEqual([]);
  });
});

function statusOf(kind: string): number {
  const error = { kind, code: 'some', message: 'Something', details: {} };
  return toProblem(error as Parameters<typeof toProblem>[0]).status;
}
