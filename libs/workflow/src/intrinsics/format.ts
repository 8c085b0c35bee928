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

const text = (value: Json): string =>
  typeof value === 'string' ? value : JSON.stringify(measured(value, 'States.Format'));

const mismatch = (count: number) => fail('States.Format', `needs as many '{}' as the ${count} values it was given`);
