import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from '@jest/globals';

const pages = [
  'README.md',
  'ARCHITECTURE.md',
  'CONTRIBUTING.md',
  'CHANGELOG.md',
  'functions/README.md',
  ...readdirSync('docs', { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.md'))
    .map((file) => join('docs', file)),
];
const FENCED = /^```[\s\S]*?^```/gm;
const textOf = (page: string): string => readFileSync(page, 'utf8');
const proseOf = (page: string): string => textOf(page).replace(FENCED, '');

/** As GitHub makes them: lower case, without punctuation, blanks as hyphens. */
const anchorsOf = (page: string): string[] =>
  [...proseOf(page).matchAll(/^#+ (.+)$/gm)].map(([, title = '']) =>
    title
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(' ', '-'),
  );

const tops = readdirSync('.').filter((name) => !['node_modules', 'dist', '.git', '.cache', '.spool'].includes(name));
/** Text that begins with one of our folders, or is one of our files, is meant as a path; the rest is code. */
const isPath = (text: string): boolean =>
  /^[\w.@-]+(\/[\w.@*{},-]+)*\/?$/.test(text) &&
  (tops.includes(text.split('/')[0] ?? '') || /\.(spec|md)(\.|$)/.test(text));

describe.each(pages)('%s', (page) => {
  it('links only to what there is', () => {
    const broken = [...proseOf(page).matchAll(/\]\(([^)\s]+)\)/g)]
      .map(([, link = '']) => link)
      .filter((link) => !/^[a-z]+:/.test(link))
      .filter((link) => {
        const [file = '', anchor] = link.split('#');
        const target = file === '' ? page : join(dirname(page), file);
        return !existsSync(target) || (anchor !== undefined && !anchorsOf(target).includes(anchor));
      });
    expect(broken).toEqual([]);
  });

  it('names only files that there are', () => {
    const missing = [...proseOf(page).matchAll(/`([^`\n]+)`/g)]
      .map(([, text = '']) => text)
      .filter((text) => isPath(text) && !text.includes('*') && !text.includes('{'))
      .filter((text) => !existsSync(text) && !existsSync(join(dirname(page), text)));
    expect(missing).toEqual([]);
  });
});

it('quotes in ARCHITECTURE.md only tests that there are', () => {
  const quoted = [...textOf('ARCHITECTURE.md').matchAll(/"([^"]+)", `([^`]+\.spec\.ts)`/g)];
  expect(quoted.length).toBeGreaterThan(10);
  expect(quoted.filter(([, name = '', file = '']) => !readFileSync(file, 'utf8').includes(name))).toEqual([]);
});

it('gives each decision a number of its own, without a gap', () => {
  const numbers = readdirSync('docs/adr').map((file) => Number(file.slice(0, 4)));
  expect(numbers.toSorted((a, b) => a - b)).toEqual(numbers.map((_, index) => index + 1));
});
