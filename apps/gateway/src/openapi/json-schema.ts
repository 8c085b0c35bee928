import { z } from 'zod';

type JsonSchema = Record<string, unknown>;

interface Converted {
  readonly schema: JsonSchema;
  readonly components: Record<string, JsonSchema>;
}

/** A zod schema as JSON Schema 2020-12, which is what OpenAPI 3.1 takes; named parts become components. */
export function toJsonSchema(schema: z.ZodType, io: 'input' | 'output'): Converted {
  const {
    $schema: _,
    $defs = {},
    ...whole
  } = z.toJSONSchema(schema, { io, unrepresentable: 'any' }) as JsonSchema & {
    $defs?: Record<string, JsonSchema>;
  };
  const named = Object.entries($defs).filter(([name]) => !isAnonymous(name));
  const components = Object.fromEntries(named.map(([name, definition]) => [name, tidy(definition, io) as JsonSchema]));
  const { id } = whole;
  if (typeof id !== 'string') return { schema: tidy(whole, io) as JsonSchema, components };
  return { schema: reference(id), components: { ...components, [id]: tidy(whole, io) as JsonSchema } };
}

const reference = (name: string): JsonSchema => ({ $ref: `#/components/schemas/${name}` });

/** zod numbers what is recursive and has no name; with us that is only `z.json()`, and any JSON is `{}`. */
const isAnonymous = (name: string) => name.startsWith('__schema') || name === '#';

function tidy(value: unknown, io: 'input' | 'output'): unknown {
  if (Array.isArray(value)) return value.map((part) => tidy(part, io));
  if (value === null || typeof value !== 'object') return value;
  const entries = Object.entries(value).flatMap(([key, part]): [string, unknown][] => {
    if (key === '$ref' && typeof part === 'string') return refer(part.replace('#/$defs/', ''));
    return isNoise(key, part, io) ? [] : [[key, tidy(part, io)]];
  });
  return Object.fromEntries(entries);
}

const refer = (name: string): [string, unknown][] => (isAnonymous(name) ? [] : Object.entries(reference(name)));

/** The limits of JavaScript's numbers say nothing, and answers may get more fields: clients must not refuse them. */
function isNoise(key: string, part: unknown, io: 'input' | 'output'): boolean {
  if (key === 'id') return typeof part === 'string';
  if (key === 'minimum' || key === 'maximum') return Math.abs(Number(part)) === Number.MAX_SAFE_INTEGER;
  return key === 'additionalProperties' && part === false && io === 'output';
}
