import { isObject } from '../json.js';
import type { Json } from '../model.js';
import { readerFailure } from './reader-failure.js';

/** The files that an inventory of a bucket names; their rows have no header of their own. */
export interface Manifest {
  readonly headers: readonly string[];
  /** Of the files themselves: gzipped CSV. */
  readonly keys: readonly string[];
  /** Where the files are, when the manifest says so. */
  readonly bucket?: string;
}

/** An Amazon S3 inventory's manifest.json in CSV format. */
export function parseManifest(text: string): Manifest {
  const manifest = parsedObject(text);
  const { fileFormat, fileSchema, files, destinationBucket } = manifest;
  if (fileFormat !== 'CSV') throw readerFailure(`The inventory's format is ${String(fileFormat)}; only CSV is read.`);
  if (typeof fileSchema !== 'string' || !Array.isArray(files)) {
    throw readerFailure("The manifest has no 'fileSchema' or no 'files'.");
  }
  const keys = files.map((file) => (isObject(file) && typeof file['key'] === 'string' ? file['key'] : undefined));
  if (!keys.every((key) => key !== undefined)) throw readerFailure("A file of the manifest has no 'key'.");
  const headers = fileSchema.split(',').map((name) => name.trim());
  return { headers, keys, ...(typeof destinationBucket === 'string' && { bucket: bucketOf(destinationBucket) }) };
}

const bucketOf = (arn: string): string => arn.replace(/^arn:aws[a-z-]*:s3:::/, '');

function parsedObject(text: string): { [key: string]: Json } {
  try {
    const value: Json = JSON.parse(text);
    if (isObject(value)) return value;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw readerFailure('The manifest is not a JSON object.');
}
