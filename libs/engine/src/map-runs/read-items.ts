import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { AppError } from '@app/common';
import type { ObjectRef, ObjectStore } from '@app/object-store';
import {
  AslFailure,
  itemParser,
  type JsonObject,
  type MapRunItem,
  type MapRunSpec,
  parseManifest,
  type ReaderConfig,
} from '@app/workflow';

type Reader = NonNullable<MapRunSpec['reader']>;
type Found = Omit<MapRunItem, 'index'>;

/** AWS' limit for the manifest of an inventory. */
const MAX_MANIFEST_BYTES = 8 * 1024 * 1024;
const LIST_PAGE = 1_000;

/** The items that an ItemReader names, one after the other: what was read before is not kept. */
export async function* readItems(
  objects: ObjectStore,
  { resource, parameters, config }: Reader,
): AsyncGenerator<Found> {
  let left = config.maxItems ?? Number.POSITIVE_INFINITY;
  const source = resource.endsWith(':listObjectsV2')
    ? listed(objects, parameters, config)
    : inObject(objects, { bucket: text(parameters, 'Bucket'), key: text(parameters, 'Key') }, config);
  try {
    for await (const item of source) {
      if (left-- <= 0) return;
      yield item;
    }
  } catch (error) {
    throw asFailure(error);
  }
}

async function* listed(objects: ObjectStore, parameters: JsonObject, config: ReaderConfig): AsyncGenerator<Found> {
  const bucket = text(parameters, 'Bucket');
  const prefix = parameters['Prefix'] === undefined ? '' : text(parameters, 'Prefix');
  let after: string | undefined;
  do {
    const page = await objects.list(bucket, { prefix, limit: LIST_PAGE, ...(after !== undefined && { after }) });
    for (const { key, size, etag, lastModified } of page.objects) {
      if (config.transformation === 'LOAD_AND_FLATTEN') {
        yield* inObject(objects, { bucket, key }, config);
        continue;
      }
      const seconds = Math.floor(lastModified.getTime() / 1_000);
      const value = { Etag: `"${etag}"`, Key: key, LastModified: seconds, Size: size, StorageClass: 'STANDARD' };
      yield { value, source: `S3://${bucket}` };
    }
    after = page.next;
  } while (after !== undefined);
}

async function* inObject(objects: ObjectStore, ref: ObjectRef, config: ReaderConfig): AsyncGenerator<Found> {
  if (config.inputType === 'MANIFEST') return yield* inInventory(objects, ref, config);
  yield* parsed(decoded((await objects.get(ref)).body), ref, config);
}

async function* inInventory(objects: ObjectStore, ref: ObjectRef, config: ReaderConfig): AsyncGenerator<Found> {
  const { body } = await objects.get(ref);
  let manifest = '';
  for await (const chunk of decoded(body)) {
    manifest += chunk;
    if (manifest.length > MAX_MANIFEST_BYTES) throw readerFailed('The manifest is larger than 8 MiB');
  }
  const { headers, keys, bucket = ref.bucket } = parseManifest(manifest);
  const rows: ReaderConfig = { ...config, inputType: 'CSV', csvHeaderLocation: 'GIVEN', csvHeaders: headers };
  for (const key of keys) {
    const file = (await objects.get({ bucket, key })).body;
    // What goes wrong on the way is told where the last stream is read.
    const plain = key.endsWith('.gz') ? pipeline(file, createGunzip(), () => {}) : file;
    yield* parsed(decoded(plain), { bucket, key }, rows);
  }
}

async function* parsed(chunks: AsyncIterable<string>, ref: ObjectRef, config: ReaderConfig): AsyncGenerator<Found> {
  const parser = itemParser(config);
  const source = `S3://${ref.bucket}/${ref.key}`;
  for await (const chunk of chunks) for (const item of parser.feed(chunk)) yield { ...item, source };
  for (const item of parser.end()) yield { ...item, source };
}

/** UTF-8 whose characters may stand across chunks. */
async function* decoded(body: AsyncIterable<Buffer | string>): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  for await (const chunk of body) yield typeof chunk === 'string' ? chunk : decoder.decode(chunk, { stream: true });
  yield decoder.decode();
}

function text(parameters: JsonObject, field: string): string {
  const value = parameters[field];
  if (typeof value === 'string') return value;
  throw readerFailed(`The ItemReader's ${field} must be a text`);
}

const readerFailed = (cause: string): AslFailure => new AslFailure('States.ItemReaderFailed', cause);

/** What will be no better the next time fails the map run; the rest is tried again. */
function asFailure(error: unknown): unknown {
  if (error instanceof AppError && !error.retryable) return readerFailed(error.message);
  const code = (error as { code?: unknown }).code;
  if (typeof code === 'string' && code.startsWith('Z_')) return readerFailed(`A file is not gzip: ${code}`);
  return error;
}
