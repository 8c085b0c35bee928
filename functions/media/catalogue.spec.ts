import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';

interface Definition {
  name: string;
  description: string;
  inputs: Record<string, string>;
  outputs?: Record<string, string>;
  files: Record<string, string>;
  eventSchema: { properties: Record<string, object>; required: string[]; additionalProperties: boolean };
  resultSchema: object;
}
const names = readdirSync(__dirname).filter((name) => existsSync(join(__dirname, name, 'function.json')));
const read = (name: string) => JSON.parse(readFileSync(join(__dirname, name, 'function.json'), 'utf8')) as Definition;
const page = readFileSync(join(__dirname, '../../docs/media.md'), 'utf8');

it('has about thirty functions', () => expect(names.length).toBeGreaterThanOrEqual(30));

describe.each(names)('media.%s', (name) => {
  const definition = read(name);

  it('says what it takes and what it gives', () => {
    expect(definition).toMatchObject({ name: `media.${name}`, eventSchema: { additionalProperties: false } });
    const { properties, required } = definition.eventSchema;
    expect(Object.keys(definition.resultSchema).length).toBeGreaterThan(1);
    expect(required.filter((field) => !(field in properties))).toEqual([]);
    // What is read and written is part of the event.
    const paths = Object.values({ ...definition.inputs, ...definition.outputs });
    expect(paths.filter((path) => !(path.slice(2) in properties))).toEqual([]);
  });

  it('refers only to definitions that it has', () => {
    for (const schema of [definition.eventSchema, definition.resultSchema]) {
      const text = JSON.stringify(schema);
      const known = Object.keys((schema as { $defs?: object }).$defs ?? {});
      const used = [...text.matchAll(/"#\/\$defs\/(\w+)"/g)].map(([, found = '']) => found);
      expect(used.filter((each) => !known.includes(each))).toEqual([]);
    }
  });

  it('is described, with every field of its event', () => {
    const section = page.split(/^## /m).find((text) => text.startsWith(`\`media.${name}\``)) ?? '';
    const fields = Object.keys(definition.eventSchema.properties);
    expect(fields.filter((field) => !section.includes(field))).toEqual([]);
    expect(section).toContain('```json');
  });
});
