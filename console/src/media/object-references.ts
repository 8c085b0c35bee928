import type { Json } from '../api/types.js';

export interface ObjectReference {
  readonly bucket: string;
  readonly key: string;
}

const uri = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])\/(.+)$/;
const fileName = /^[\w-][\w.-]*\.[a-z0-9]{2,5}$/i;

export function idOf(reference: ObjectReference): string {
  return `${reference.bucket}/${reference.key}`;
}

/** An address that relative ones can be resolved against. */
export function uriOf({ bucket, key }: ObjectReference): string {
  return `s3://${bucket}/${key.split('/').map(encodeURIComponent).join('/')}`;
}

/** What `uriOf` was made of; undefined for an address of anything else. */
export function objectOf(text: string): ObjectReference | undefined {
  const [, bucket, path] = uri.exec(text) ?? [];
  return bucket && path ? { bucket, key: decodeURIComponent(path) } : undefined;
}

/** Every object that a value names, each once: `{ bucket, key }`, `s3://bucket/key`, files of a folder, however deep. */
export function objectReferences(...values: readonly (Json | undefined)[]): ObjectReference[] {
  const found = new Map<string, ObjectReference>();
  const add = (reference: ObjectReference): void => void found.set(idOf(reference), reference);
  const visit = (value: Json | undefined): void => {
    if (typeof value === 'string') {
      const [, bucket, key] = uri.exec(value) ?? [];
      if (bucket && key) add({ bucket, key });
    } else if (Array.isArray(value)) {
      for (const item of value) visit(item);
    } else if (typeof value === 'object' && value !== null) {
      const { bucket, key } = value;
      if (typeof bucket === 'string' && typeof key === 'string' && bucket && key) add({ bucket, key });
      for (const each of filesOf(value)) add(each);
      for (const item of Object.values(value)) visit(item);
    }
  };
  for (const value of values) visit(value);
  return [...found.values()];
}

/** Functions that make many files tell their folder, and beside it the names that one would open. */
function filesOf(value: { readonly [key: string]: Json }): ObjectReference[] {
  const { folder, ...others } = value;
  if (typeof folder !== 'object' || folder === null || Array.isArray(folder)) return [];
  const { bucket, prefix } = folder;
  if (typeof bucket !== 'string' || typeof prefix !== 'string') return [];
  const start = prefix.endsWith('/') ? prefix : `${prefix}/`;
  return Object.values(others)
    .flat()
    .filter((name) => typeof name === 'string')
    .filter((name) => fileName.test(name))
    .map((name) => ({ bucket, key: start + name }));
}
