import type { Json } from '../api/types.js';

export interface ObjectReference {
  readonly bucket: string;
  readonly key: string;
}

const uri = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])\/(.+)$/;

export function idOf(reference: ObjectReference): string {
  return `${reference.bucket}/${reference.key}`;
}

/** Every object that a value names, each once: `{ bucket, key }` or `s3://bucket/key`, however deep. */
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
      for (const item of Object.values(value)) visit(item);
    }
  };
  for (const value of values) visit(value);
  return [...found.values()];
}
