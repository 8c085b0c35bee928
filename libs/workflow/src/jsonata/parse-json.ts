import type { Json } from '../model.js';
import { QueryFunctionError } from './query-error.js';

/** AWS takes neither a name twice in an object nor a number that is too large for a double. */
export function parseJson(text: string): Json {
  const value = parsed(text);
  if (value === undefined || membersIn(value) !== membersWritten(text)) {
    throw new QueryFunctionError('D3137', 'Invalid JSON');
  }
  return value;
}

function parsed(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}

const membersWritten = (text: string): number => text.replace(/"(?:[^"\\]|\\.)*"/g, '').split(':').length - 1;

/** How many members all objects in it have; it is not a number if a number in it is none. */
function membersIn(value: Json): number {
  if (typeof value === 'number') return Number.isFinite(value) ? 0 : Number.NaN;
  if (typeof value !== 'object' || value === null) return 0;
  const inside = Object.values(value).reduce((sum: number, item: Json) => sum + membersIn(item), 0);
  return inside + (Array.isArray(value) ? 0 : Object.keys(value).length);
}
