/** A JSON schema as it stands in the OpenAPI document; only what examples are made of. */
export interface Schema {
  readonly $ref?: string;
  readonly type?: string | string[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly default?: unknown;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly minimum?: number;
  readonly minLength?: number;
  readonly format?: string;
  readonly pattern?: string;
}

export type Schemas = Readonly<Record<string, Schema>>;

const MAX_DEPTH = 6;
const FORMATS: Readonly<Record<string, string>> = {
  'date-time': '2026-01-31T12:00:00Z',
  uri: 'http://127.0.0.1/x',
  uuid: '00000000-0000-4000-8000-000000000000',
};

/** Values that a schema may take: one of each branch, with every property. Not all are valid: rules between fields are not known here. */
export function examples(schema: Schema | undefined, schemas: Schemas, depth = 0): unknown[] {
  if (!schema || depth > MAX_DEPTH) return ['x'];
  if (schema.$ref) return examples(schemas[schema.$ref.replace(/^.*\//, '')], schemas, depth + 1);
  const branches = schema.anyOf ?? schema.oneOf;
  if (branches) return branches.flatMap((branch) => examples(branch, schemas, depth + 1));
  if (schema.allOf) return [Object.assign({}, ...schema.allOf.map((part) => examples(part, schemas, depth + 1)[0]))];
  if (schema.const !== undefined) return [schema.const];
  if (schema.enum) return [schema.enum[0]];
  if (schema.properties) return objects(schema.properties, schemas, depth);
  return [simple(schema, schemas, depth)];
}

/** The first has the first example of each property; each other has another example of one property. */
function objects(properties: Readonly<Record<string, Schema>>, schemas: Schemas, depth: number): unknown[] {
  const all = Object.entries(properties).map(([name, schema]) => [name, examples(schema, schemas, depth + 1)] as const);
  const first = Object.fromEntries(all.map(([name, [value]]) => [name, value]));
  return [first, ...all.flatMap(([name, [, ...others]]) => others.map((other) => ({ ...first, [name]: other })))];
}

function simple(schema: Schema, schemas: Schemas, depth: number): unknown {
  const type = Array.isArray(schema.type) ? schema.type[0] : schema.type;
  if (type === 'array') return [examples(schema.items, schemas, depth + 1)[0]];
  if (type === 'object') return { key: 'x' };
  if (type === 'boolean') return true;
  if (type === 'number' || type === 'integer') return Math.max(schema.minimum ?? 1, 1);
  if (type === 'null') return null;
  return FORMATS[schema.format ?? ''] ?? 'x'.repeat(Math.max(schema.minLength ?? 1, 1));
}

export type Path = readonly (string | number)[];

/** Every place in a value, itself included. */
export function places(value: unknown, path: Path = []): Path[] {
  if (value === null || typeof value !== 'object') return [path];
  const keys = Array.isArray(value) ? [...value.keys()] : Object.keys(value);
  return [path, ...keys.flatMap((key) => places((value as Record<string | number, unknown>)[key], [...path, key]))];
}

/** A copy with another value in that place. */
export function replaced(value: unknown, path: Path, by: unknown): unknown {
  const [key, ...rest] = path;
  if (key === undefined) return by;
  if (Array.isArray(value)) return value.map((item, index) => (index === key ? replaced(item, rest, by) : item));
  const object = value as Readonly<Record<string, unknown>>;
  return { ...object, [key]: replaced(object[key], rest, by) };
}
