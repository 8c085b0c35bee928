import type { IncomingHttpHeaders } from 'node:http';
import { InvalidRequest } from '@app/common';

/** As on AWS Lambda, of the header's text. */
const MAX_HEADER = 3_583;
const MAX_CONTEXT = 8_192;
const pointer = '/header/X-Amz-Client-Context';

/**
 * What the caller says about itself, for the function's context: base64 of a JSON object, as AWS' SDKs send it. The JSON
 * comes back in ASCII only: stock clients of the Runtime API get it as a header.
 */
export function clientContextOf(headers: IncomingHttpHeaders): string | undefined {
  const given = headers['x-amz-client-context'];
  if (given === undefined) return undefined;
  const header = String(given);
  if (header.length > MAX_HEADER) throw invalid(`must have at most ${MAX_HEADER} characters`);
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(header)) throw invalid('must be base64');
  const context = parse(Buffer.from(header, 'base64').toString('utf8'));
  if (context === null || typeof context !== 'object' || Array.isArray(context))
    throw invalid('must be the base64 of a JSON object');
  const text = JSON.stringify(context).replaceAll(/[\u007f-\uffff]/g, escaped);
  if (text.length > MAX_CONTEXT) throw invalid(`must have at most ${MAX_CONTEXT} characters, escaped to ASCII`);
  return text;
}

const invalid = (message: string) => new InvalidRequest([{ pointer, message }]);

const escaped = (char: string): string => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`;

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
