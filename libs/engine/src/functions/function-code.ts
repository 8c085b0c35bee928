import { InvalidRequest } from '@app/common';
import { inspectArchive, packFiles } from './code-archive.js';
import type { CheckedFunction } from './function-config.js';
import { missingHandlerFile } from './runtime-rules.js';

const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;

/** The function's code as a zip that is fit to be unpacked; undefined if it has none. */
export async function archiveOf(wanted: CheckedFunction): Promise<Buffer | undefined> {
  if (wanted.files) return packFiles(wanted.files);
  if (wanted.zip === undefined) return undefined;
  const archive = decode(wanted.zip);
  const paths = await inspectArchive(archive);
  const missing = missingHandlerFile({ runtime: wanted.runtime, handler: wanted.handler, paths });
  if (missing) throw new InvalidRequest([{ pointer: '/handler', message: missing }]);
  return archive;
}

function decode(zip: string): Buffer {
  const text = zip.replace(/\s+/g, '');
  if (text.length % 4 !== 0 || !BASE64.test(text)) {
    throw new InvalidRequest([{ pointer: '/zip', message: 'must be base64' }]);
  }
  return Buffer.from(text, 'base64');
}
