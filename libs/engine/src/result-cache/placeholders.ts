import type { Json } from '@app/workflow';
import { isFolder, type ObjectReference } from '../functions/object-references.js';

/**
 * What an invocation says of its objects, without where they are. Each of these becomes the other:
 *
 *   { "bucket": B, "key": K, … }         { "spool-ref": NAME, "spool-path": REST, … }
 *   { "bucket": B, "prefix": P, … }      { "spool-ref": NAME, "spool-end": "/" or "", … }
 *   "s3://B/K"                           "spool-ref:NAME:REST"
 *
 * NAME is the input's or output's; REST is the path in it, if it is a folder.
 */
const MARK = 'spool-ref';
const PATH = 'spool-path';
const END = 'spool-end';
const URI = /^s3:\/\/([^/]+)\/(.+)$/s;
const MARKED = /^spool-ref:([^:]+):(.*)$/s;

type Fields = Readonly<Record<string, Json>>;

/** True of a value that cannot be told from one with placeholders. */
export const hasMarks = (value: Json): boolean => JSON.stringify(value).includes(MARK);

export function withPlaceholders(value: Json, references: readonly ObjectReference[]): Json {
  return walk(value, {
    text: (text) => {
      const [, bucket, key] = URI.exec(text) ?? [];
      const found = bucket && key ? find(references, { bucket, key }) : undefined;
      return found ? `${MARK}:${found.name}:${found.path}` : text;
    },
    fields: (fields) => marked(fields, references) ?? fields,
  });
}

/** Undefined if the value names something that is not among the references. */
export function withReferences(value: Json, references: readonly ObjectReference[]): Json | undefined {
  const named = new Map(references.map((reference) => [reference.name, reference]));
  let isWhole = true;
  const known = (name: Json | undefined): ObjectReference => {
    const found = named.get(String(name));
    isWhole &&= found !== undefined;
    return found ?? { name: '', bucket: '', key: '' };
  };
  const filled = walk(value, {
    text: (text) => {
      const [, name, path = ''] = MARKED.exec(text) ?? [];
      if (name === undefined) return text;
      const { bucket, key } = known(name);
      return `s3://${bucket}/${key}${path}`;
    },
    fields: (fields) => {
      if (!(MARK in fields)) return fields;
      const { [MARK]: name, [PATH]: path, [END]: end, ...rest } = fields;
      const { bucket, key } = known(name);
      const place: Fields =
        end === undefined ? { key: `${key}${path}` } : { prefix: end === '/' ? key : key.slice(0, -1) };
      return { ...rest, bucket, ...place };
    },
  });
  return isWhole ? filled : undefined;
}

function marked(fields: Fields, references: readonly ObjectReference[]): Fields | undefined {
  const { bucket, key, prefix, ...rest } = fields;
  if (typeof bucket !== 'string') return undefined;
  if (typeof key === 'string') {
    const found = find(references, { bucket, key });
    return found && { ...rest, ...(prefix !== undefined && { prefix }), [MARK]: found.name, [PATH]: found.path };
  }
  if (typeof prefix !== 'string') return undefined;
  const end = prefix.endsWith('/') ? '/' : '';
  const folder = `${prefix}${end === '/' ? '' : '/'}`;
  const found = references.find((each) => isFolder(each) && each.bucket === bucket && each.key === folder);
  return found && { ...rest, [MARK]: found.name, [END]: end };
}

function find(
  references: readonly ObjectReference[],
  { bucket, key }: { bucket: string; key: string },
): { name: string; path: string } | undefined {
  const found = references.find(
    (each) => each.bucket === bucket && (isFolder(each) ? key.startsWith(each.key) : each.key === key),
  );
  return found && { name: found.name, path: isFolder(found) ? key.slice(found.key.length) : '' };
}

interface Visitor {
  readonly text: (text: string) => string;
  readonly fields: (fields: Fields) => Fields;
}

function walk(value: Json, visitor: Visitor): Json {
  if (typeof value === 'string') return visitor.text(value);
  if (Array.isArray(value)) return value.map((item) => walk(item, visitor));
  if (value === null || typeof value !== 'object') return value;
  const entries = Object.entries(visitor.fields(value as Fields));
  return Object.fromEntries(entries.map(([name, each]) => [name, walk(each, visitor)]));
}
