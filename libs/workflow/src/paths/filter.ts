import { isObject } from '../json.js';
import type { Json } from '../model.js';
import type { Condition, FilterPath, Operand } from './ast.js';

/** The value at a path in a filter; undefined if there is none. */
export type Lookup = (path: FilterPath) => Json | undefined;

export class NotANumber extends Error {}

export function holds(condition: Condition, look: Lookup): boolean {
  switch (condition.kind) {
    case 'any':
      return condition.of.some((inner) => holds(inner, look));
    case 'all':
      return condition.of.every((inner) => holds(inner, look));
    case 'not':
      return !holds(condition.condition, look);
    case 'exists':
      return (look(condition.path) ?? null) !== null;
    case 'compare':
      return compare(condition.left, condition.operator, condition.right, look);
  }
}

/** The left side says as what the right one is read. What is missing compares with nothing, nor does a list or object. */
function compare(left: Operand, operator: string, right: Operand, look: Lookup): boolean {
  const value = 'path' in left ? look(left.path) : left.text;
  const other = 'path' in right ? look(right.path) : right.text;
  if (value === undefined || other === undefined || mayBeFiltered(value)) return false;
  const text = typeof other === 'string' ? other : JSON.stringify(other);
  if (text === 'null') return operator === '==' ? value === null : operator === '!=' && value !== null;
  if (operator === '==') return isEqual(value, text);
  if (operator === '!=') return !isEqual(value, text);
  if (typeof value === 'number') return inOrder(value, operator, numberIn(text));
  return typeof value === 'string' && inOrder(value, operator, text);
}

function isEqual(value: Json, text: string): boolean {
  if (typeof value === 'number') return value === numberIn(text);
  if (typeof value === 'boolean') return value === (text.toLowerCase() === 'true');
  return typeof value === 'string' && value === text;
}

function inOrder<T extends number | string>(a: T, operator: string, b: T): boolean {
  if (operator === '<') return a < b;
  if (operator === '<=') return a <= b;
  return operator === '>' ? a > b : a >= b;
}

/** In the words of Java's BigDecimal. */
function numberIn(text: string): number {
  if (/^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(text)) return Number(text);
  const wrong = /[^\d.eE+-]/.exec(text)?.[0] ?? text[0] ?? '';
  throw new NotANumber(
    `Character ${wrong} is neither a decimal digit number, decimal point, nor "e" notation exponential mark.`,
  );
}

/** Of scalars, AWS's `@` finds nothing. */
export const mayBeFiltered = (item: Json): boolean => isObject(item) || Array.isArray(item);
