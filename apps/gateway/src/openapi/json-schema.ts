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
    id,
    ...whole
  } = z.toJSONSchema(schema, { io, unrepresentable: 'any' }) as JsonSchema & {
    $defs?: Record<string, JsonSchema>;
    id?: string;
  };
  const named = Object.entries($defs).filter(([name]) => !isAnonymous(name));
  const components = Object.fromEntries(named.map(([name, definition]) => [name, refer(definition) as JsonSchema]));
  if (typeof id !== 'string') return { schema: refer(whole) as JsonSchema, components };
  return { schema: reference(id), components: { ...components, [id]: refer(whole) as JsonSchema } };
}

const reference = (name: string): JsonSchema => ({ $ref: `#/components/schemas/${name}` });

/** zod numbers what is recursive and has no name; with us that is only `z.json()`, and any JSON is `{}`. */
const isAnonymous = (name: string) => name.startsWith('__schema');

function refer(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(refer);
  if (value === null || typeof value !== 'object') return value;
  const { $ref, id, ...rest } = value as { $ref?: unknown; id?: unknown };
  const others = Object.fromEntries(Object.entries(rest).map(([key, part]) => [key, refer(part)]));
  if (id !== undefined && typeof id !== 'string') Object.assign(others, { id: refer(id) });
  if (typeof $ref !== 'string') return others;
  const name = $ref.replace('#/$defs/', '');
  return isAnonymous(name) ? others : { ...others, ...reference(name) };
}
