import type { IncomingHttpHeaders } from 'node:http';
import { InvalidRequest } from '@app/common';
import { readClientContext } from '@app/engine';

const pointer = '/header/X-Amz-Client-Context';

/** What the caller says about itself, for the function's context. */
export function clientContextOf(headers: IncomingHttpHeaders): string | undefined {
  const given = headers['x-amz-client-context'];
  if (given === undefined) return undefined;
  const context = readClientContext(String(given));
  if (typeof context === 'string') return context;
  throw new InvalidRequest([{ pointer, message: context.rule }]);
}
