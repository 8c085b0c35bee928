import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { toJsonSchema } from './json-schema.js';

const part = z.object({ id: z.string(), size: z.int() }).meta({ id: 'Part' });

describe('toJsonSchema', () => {
  it('makes components of what has a name, also of the whole', () => {
    const whole = z.strictObject({ parts: z.array(part) }).meta({ id: 'Whole' });
    const { schema, components } = toJsonSchema(whole, 'input');
    expect(schema).toEqual({ $ref: '#/components/schemas/Whole' });
    expect(components['Whole']).toMatchObject({
      properties: { parts: { items: { $ref: '#/components/schemas/Part' } } },
      additionalProperties: false,
    });
    expect(Object.keys(components).toSorted()).toEqual(['Part', 'Whole']);
  });

  it('keeps a field that is called id, and drops the name of the schema', () => {
    const { components } = toJsonSchema(part, 'output');
    expect(components['Part']).toEqual({
      type: 'object',
      properties: { id: { type: 'string' }, size: { type: 'integer' } },
      required: ['id', 'size'],
    });
  });

  it('says nothing of what any JSON may be', () => {
    expect(toJsonSchema(z.object({ event: z.json() }), 'input').schema).toMatchObject({ properties: { event: {} } });
    expect(JSON.stringify(toJsonSchema(z.record(z.string(), z.json()), 'input'))).not.toContain('schema0');
    expect(JSON.stringify(toJsonSchema(z.json(), 'output'))).not.toContain('$ref');
  });

  it('leaves room for new fields in answers only', () => {
    const strict = z.strictObject({ a: z.string() });
    expect(toJsonSchema(strict, 'input').schema).toHaveProperty('additionalProperties', false);
    expect(toJsonSchema(strict, 'output').schema).not.toHaveProperty('additionalProperties');
  });
});
