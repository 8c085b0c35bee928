import { S3Error } from '../http/s3-error.js';
import { ByteReader } from './byte-reader.js';
import { readText } from './read-xml.js';

export interface FormUpload {
  /** Names in lower case. */
  readonly fields: ReadonlyMap<string, string>;
  /** The file's name as the browser gives it. */
  readonly fileName: string;
  readonly file: AsyncIterable<Buffer>;
}

const MAX_FIELDS_BYTES = 20_000;
const MAX_LINE_BYTES = 4096;

/** multipart/form-data (RFC 7578) as S3 takes it: fields first, then the part `file`; what follows it is ignored. */
export async function readForm(source: AsyncIterable<Buffer>, contentType: string): Promise<FormUpload> {
  const boundary = /boundary=(?:"([^"]{1,70})"|([^\s;]{1,70}))/i.exec(contentType);
  if (!boundary) throw new S3Error('MalformedPOSTRequest', 'The boundary is missing.');
  const delimiter = `--${boundary[1] ?? boundary[2]}`;
  const reader = new ByteReader(source);
  if ((await reader.requireLine(MAX_LINE_BYTES)) !== delimiter) throw new S3Error('MalformedPOSTRequest');
  const fields = new Map<string, string>();
  for (let left = MAX_FIELDS_BYTES; ; ) {
    const part = await readPartHeader(reader);
    const content = reader.until(Buffer.from(`\r\n${delimiter}`));
    if (part.name === 'file') return { fields, fileName: part.fileName, file: toEnd(content, reader) };
    const value = await readText(content, left);
    left -= value.length + part.name.length;
    fields.set(part.name.toLowerCase(), value);
    if ((await reader.requireLine(MAX_LINE_BYTES)) !== '')
      throw new S3Error('MalformedPOSTRequest', 'There is no file.');
  }
}

async function* toEnd(content: AsyncIterable<Buffer>, reader: ByteReader): AsyncGenerator<Buffer> {
  yield* content;
  await reader.drain();
}

async function readPartHeader(reader: ByteReader): Promise<{ name: string; fileName: string }> {
  let disposition = '';
  for (;;) {
    const line = await reader.requireLine(MAX_LINE_BYTES);
    if (line === '') break;
    if (/^content-disposition:/i.test(line)) disposition = Buffer.from(line, 'latin1').toString('utf8');
  }
  const name = /[;\s]name="([^"]*)"/i.exec(disposition)?.[1];
  if (!name) throw new S3Error('MalformedPOSTRequest', 'A part of the form has no name.');
  return { name, fileName: /[;\s]filename="([^"]*)"/i.exec(disposition)?.[1] ?? '' };
}
