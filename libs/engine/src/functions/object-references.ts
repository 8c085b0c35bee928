import { type Failure, type Json, selectPath } from '@app/workflow';

export interface ObjectReference {
  readonly name: string;
  readonly bucket: string;
  readonly key: string;
}

export interface ObjectReferences {
  readonly inputs: readonly ObjectReference[];
  readonly outputs: readonly ObjectReference[];
}

interface Declarations {
  readonly inputs?: Readonly<Record<string, string>>;
  readonly outputs?: Readonly<Record<string, string>>;
}

const S3_URI = /^s3:\/\/([^/]+)\/(.+)$/s;
const BUCKET = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;
/** Code and other things of our own: no function may name them. */
const SYSTEM_BUCKET = 'spool-system';
const MAX_KEY_BYTES = 1_024;

/** The objects that an invocation reads and writes, picked out of its payload by the function's declarations. */
export function objectReferences(declared: Declarations, payload: Json): ObjectReferences | Failure {
  const inputs = select(declared.inputs ?? {}, payload);
  if ('error' in inputs) return inputs;
  const outputs = select(declared.outputs ?? {}, payload);
  if ('error' in outputs) return outputs;
  return { inputs: inputs.found, outputs: outputs.found };
}

function select(paths: Readonly<Record<string, string>>, payload: Json): { found: ObjectReference[] } | Failure {
  const found: ObjectReference[] = [];
  for (const [name, path] of Object.entries(paths)) {
    const value = selectPath(path, payload);
    if (value === undefined || value === null) continue;
    const reference = toReference(name, value);
    if (!reference)
      return invalid(`${path} must be {"bucket": …, "key": …} or "s3://bucket/key" for the object ${name}`);
    if (reference.bucket === SYSTEM_BUCKET)
      return invalid(`${path} names the bucket ${SYSTEM_BUCKET}, which is not for functions`);
    found.push(reference);
  }
  return { found };
}

function toReference(name: string, value: Json): ObjectReference | undefined {
  const [bucket, key] = typeof value === 'string' ? (S3_URI.exec(value)?.slice(1) ?? []) : fields(value);
  if (typeof bucket !== 'string' || typeof key !== 'string') return undefined;
  const fits = BUCKET.test(bucket) && key.length > 0 && new TextEncoder().encode(key).length <= MAX_KEY_BYTES;
  return fits ? { name, bucket, key } : undefined;
}

function fields(value: Json): (Json | undefined)[] {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? [value['bucket'], value['key']] : [];
}

const invalid = (cause: string): Failure => ({ error: 'Function.InvalidInput', cause });
