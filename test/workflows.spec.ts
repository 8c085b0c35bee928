import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { validate } from '@app/workflow';

const files = [
  ...readdirSync('workflows').map((file) => join('workflows', file)),
  'functions/media/examples/workflow.json',
];
const page = readFileSync('docs/media.md', 'utf8');

describe.each(files)('%s', (file) => {
  const text = readFileSync(file, 'utf8');

  it('is a definition without a problem or a warning', () => {
    expect(validate(JSON.parse(text))).toEqual({ problems: [], warnings: [] });
  });

  it('runs only functions that there are', () => {
    const used = new Set([...text.matchAll(/"function:media\.([^"]+)"/g)].map(([, name = '']) => name));
    expect([...used].filter((name) => !existsSync(`functions/media/${name}/function.json`))).toEqual([]);
    expect(used.size).toBeGreaterThan(1);
  });

  it('is told of in docs/media.md', () => expect(page).toContain(file));
});
