import { inputKeyOf } from '@app/worker-api';
import { type Failure, type Json, selectPath } from '@app/workflow';
import { sha256 } from '../catalogue/digest.js';

/**
 * A key that ends in `/` is a folder: an output of any number of files. An input that is a list of objects becomes
 * references `NAME/0000`, `NAME/0001` …, which the function finds as files in the folder NAME.
 */
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
const MAX_LIST = 1_000;

/** The objects that an invocation reads and writes, picked out of its payload by the function's declarations. */
export function objectReferences(declared: Declarations, payload: Json): ObjectReferences | Failure {
  const inputs = select(declared.inputs ?? {}, payload, readInput);
  if ('error' in inputs) return inputs;
  const outputs = select(declared.outputs ?? {}, payload, readOutput);
  if ('error' in outputs) return outputs;
  return { inputs: inputs.found, outputs: outputs.found };
}

/** What a task is placed by: executors may have the bytes of its first input, and name them by this. */
export function placedBy({ inputs: [first] }: ObjectReferences): string | undefined {
  return first && inputKeyOf(sha256(`${first.bucket}/${first.key}`));
}

/** Where an uploaded file belongs: to the output of its name, or into the folder that begins its name. */
export function targetOf(outputs: readonly ObjectReference[], name: string): ObjectReference | undefined {
  const [first = '', ...rest] = name.split('/');
  const output = outputs.find((candidate) => candidate.name === first);
  if (!output || rest.length === 0) return output && !isFolder(output) ? output : undefined;
  const isPlain = rest.every((part) => part !== '' && part !== '.' && part !== '..');
  return isFolder(output) && isPlain ? reference({ ...output, name, key: output.key + rest.join('/') }) : undefined;
}

export const isFolder = ({ key }: Pick<ObjectReference, 'key'>): boolean => key.endsWith('/');

type Read = (name: string, value: Json) => readonly ObjectReference[] | undefined;

function select(
  paths: Readonly<Record<string, string>>,
  payload: Json,
  read: Read,
): { found: ObjectReference[] } | Failure {
  const found: ObjectReference[] = [];
  for (const [name, path] of Object.entries(paths)) {
    const value = selectPath(path, payload);
    if (value === undefined || value === null) continue;
    const references = read(name, value);
    if (!references)
      return invalid(`${path} must be {"bucket": …, "key": …} or "s3://bucket/key" for the object ${name}`);
    if (references.some(({ bucket }) => bucket === SYSTEM_BUCKET))
      return invalid(`${path} names the bucket ${SYSTEM_BUCKET}, which is not for functions`);
    found.push(...references);
  }
  return { found };
}

function readInput(name: string, value: Json): readonly ObjectReference[] | undefined {
  if (!Array.isArray(value)) return all([toReference(name, value)]);
  if (value.length > MAX_LIST) return undefined;
  return all(value.map((item, index) => toReference(`${name}/${String(index).padStart(4, '0')}`, item)));
}

const readOutput = (name: string, value: Json) => all([toFolder(name, value) ?? toReference(name, value)]);

const all = (found: readonly (ObjectReference | undefined)[]): readonly ObjectReference[] | undefined =>
  found.every((each) => each !== undefined) ? found : undefined;

function toReference(name: string, value: Json): ObjectReference | undefined {
  const [bucket, key] = typeof value === 'string' ? (S3_URI.exec(value)?.slice(1) ?? []) : fields(value, 'key');
  return typeof bucket === 'string' && typeof key === 'string' ? reference({ name, bucket, key }) : undefined;
}

function toFolder(name: string, value: Json): ObjectReference | undefined {
  const [bucket, prefix] = fields(value, 'prefix');
  if (typeof bucket !== 'string' || typeof prefix !== 'string' || prefix === '') return undefined;
  return reference({ name, bucket, key: prefix.endsWith('/') ? prefix : `${prefix}/` });
}

function reference(wanted: ObjectReference): ObjectReference | undefined {
  const { bucket, key } = wanted;
  const fits = BUCKET.test(bucket) && key.length > 0 && new TextEncoder().encode(key).length <= MAX_KEY_BYTES;
  return fits ? wanted : undefined;
}

function fields(value: Json, place: 'key' | 'prefix'): (Json | undefined)[] {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? [value['bucket'], value[place]] : [];
}

const invalid = (cause: string): Failure => ({ error: 'Function.InvalidInput', cause });
