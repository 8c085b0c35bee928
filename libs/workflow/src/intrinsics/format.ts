import { isObject } from '../json.js';
import type { Json } from '../model.js';
import { fail, measured } from './arguments.js';

/** Fills each `{}` with the next value; `\{`, `\}`, `\'` and `\\` stand for themselves. */
export function format(template: string, values: readonly Json[]): string {
  const parts: string[] = [];
  let used = 0;
  for (let i = 0; i < template.length; i++) {
    const pair = template.slice(i, i + 2);
    if (/^\\['{}\\]$/.test(pair)) parts.push(template[++i] as string);
    else if (pair === '{}') {
      if (used === values.length) throw mismatch(values.length);
      parts.push(text(values[used++] as Json));
      i++;
    } else if (pair[0] === '{' || pair[0] === '}')
      throw fail('States.Format', "needs '\\' before a brace that is text");
    else parts.push(pair[0] as string);
  }
  if (used !== values.length) throw mismatch(values.length);
  return parts.join('');
}

const text = (value: Json): string => javaText(measured(value, 'States.Format'));

/** Lists and objects as Java writes them, which is what AWS gives: `{a=1, b=[x, null]}`. */
function javaText(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(javaText).join(', ')}]`;
  if (!isObject(value)) return String(value);
  return `{${Object.entries(value)
    .map(([key, item]) => `${key}=${javaText(item)}`)
    .join(', ')}}`;
}

const mismatch = (count: number) => fail('States.Format', `needs as many '{}' as the ${count} values it was given`);
