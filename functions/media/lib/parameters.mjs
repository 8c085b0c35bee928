import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { MediaError } from './errors.mjs';

const typeOf = (value) => {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  return Number.isInteger(value) ? 'integer' : typeof value;
};
const hasType = (value, wanted) =>
  [wanted].flat().some((type) => type === typeOf(value) || (type === 'number' && typeof value === 'number'));

/** The rules of JSON Schema that the functions' event schemas use: [keyword, applies to, holds, message]. */
const rules = [
  ['minimum', 'number', (value, limit) => value >= limit, (limit) => `must be at least ${limit}`],
  ['maximum', 'number', (value, limit) => value <= limit, (limit) => `must be at most ${limit}`],
  ['exclusiveMinimum', 'number', (value, limit) => value > limit, (limit) => `must be greater than ${limit}`],
  ['minLength', 'string', (value, limit) => value.length >= limit, (limit) => `must have at least ${limit} characters`],
  ['maxLength', 'string', (value, limit) => value.length <= limit, (limit) => `must have at most ${limit} characters`],
  ['minItems', 'array', ({ length }, limit) => length >= limit, (limit) => `must have at least ${limit} items`],
  ['maxItems', 'array', ({ length }, limit) => length <= limit, (limit) => `must have at most ${limit} items`],
  ['pattern', 'string', (value, pattern) => new RegExp(pattern, 'u').test(value), (pattern) => `must match ${pattern}`],
];

/** `{ "$ref": "#/$defs/x", … }` is what stands there, with what stands beside the reference laid over it. */
const resolve = ({ $ref, ...beside }, root) => ($ref ? { ...root.$defs[$ref.split('/').at(-1)], ...beside } : beside);

/** Collects every problem of `value`, and fills in the defaults in place. */
function check(value, referring, pointer, { problems, root }) {
  const schema = resolve(referring, root);
  const say = (message, at = pointer) => problems.push({ pointer: at || '/', message });
  if (schema.enum && !schema.enum.includes(value)) return say(`must be one of ${schema.enum.join(', ')}`);
  if (schema.type && !hasType(value, schema.type))
    return say(`must be of type ${[schema.type].flat().join(' or ')}, not ${typeOf(value)}`);
  for (const [keyword, type, holds, message] of rules) {
    const limit = schema[keyword];
    if (limit !== undefined && hasType(value, type) && !holds(value, limit)) say(message(limit));
  }
  if (schema.items && Array.isArray(value))
    for (const [index, item] of value.entries()) check(item, schema.items, `${pointer}/${index}`, { problems, root });
  if (typeOf(value) !== 'object') return undefined;
  checkProperties(value, schema, pointer, { problems, root });
  return undefined;
}

function checkProperties(value, schema, pointer, { problems, root }) {
  const say = (message, at) => problems.push({ pointer: at, message });
  const properties = schema.properties ?? {};
  for (const name of schema.required ?? []) if (!Object.hasOwn(value, name)) say('is required', `${pointer}/${name}`);
  for (const name of Object.keys(value)) {
    if (Object.hasOwn(properties, name)) check(value[name], properties[name], `${pointer}/${name}`, { problems, root });
    else if (schema.additionalProperties === false) {
      say(`is not known; known are ${Object.keys(properties).join(', ')}`, `${pointer}/${name}`);
    }
  }
  for (const [name, property] of Object.entries(properties)) {
    if (property.default === undefined || Object.hasOwn(value, name)) continue;
    value[name] = structuredClone(property.default);
    check(value[name], property, `${pointer}/${name}`, { problems, root });
  }
}

export function invalid(problems) {
  const said = problems.map(({ pointer, message }) => `${pointer} ${message}`).join('; ');
  return new MediaError('Media.InvalidParameters', said, { problems });
}

/** A copy of the event with all defaults, or an error that names every wrong field and its rule. */
export function readEvent(event, schema) {
  const copy = event === undefined ? null : structuredClone(event);
  const problems = [];
  check(copy, schema, '', { problems, root: schema });
  if (problems.length > 0) throw invalid(problems);
  return copy;
}

/** The event of the function whose `function.json` stands beside `moduleUrl`. */
export function parametersOf(event, moduleUrl) {
  return readEvent(event, JSON.parse(readFileSync(new URL('function.json', moduleUrl), 'utf8')).eventSchema);
}

/** Where the executor has put the input `name`, or wants the output `name`. */
export function fileOf(files, name, field) {
  const path = files?.[name];
  if (!path) throw invalid([{ pointer: `/${field}`, message: 'must name an object; there is no file for it' }]);
  return path;
}

/** "s3://bucket/key" is the same as { bucket, key }. */
export function objectOf(reference) {
  if (typeof reference !== 'string') return { bucket: reference.bucket, key: reference.key };
  const [, bucket, key] = /^s3:\/\/([^/]+)\/(.+)$/s.exec(reference);
  return { bucket, key };
}

/** The files of the input `name`, which is a list of objects: none if it was left out. */
export function filesOf(files, name) {
  const dir = files?.[name];
  if (!dir) return [];
  return readdirSync(dir)
    .toSorted()
    .map((file) => join(dir, file));
}

/** 800000, "800k" and "0.8M" are the same. */
export function bitsPerSecond(bitrate) {
  if (typeof bitrate !== 'string') return bitrate;
  return Math.round(Number.parseFloat(bitrate) * (bitrate.endsWith('M') ? 1_000_000 : 1_000));
}

/** The limits of a bitrate written as text, which `minimum` and `maximum` of a schema do not see. */
export function checkBitrate(bitrate, pointer, [minimum, maximum]) {
  if (bitrate === undefined) return undefined;
  const bits = bitsPerSecond(bitrate);
  if (bits < minimum || bits > maximum)
    throw invalid([{ pointer, message: `must be from ${minimum} to ${maximum} bits per second` }]);
  return bits;
}
