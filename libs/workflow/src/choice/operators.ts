import type { Json } from '../model.js';
import { parseTimestamp } from '../timestamp.js';
import { stringMatches } from './string-matches.js';

/** What an operator compares with: the type of its operand in the definition. */
export type OperandKind = 'string' | 'number' | 'boolean' | 'timestamp';

/** A value of another type than the operator's is no error: it does not match. */
export interface Operator {
  readonly operand: OperandKind;
  matches(value: Json, operand: Json): boolean;
}

type Test<T> = (a: T, b: T) => boolean;
const ORDER = {
  Equals: (a, b) => a === b,
  LessThan: (a, b) => a < b,
  GreaterThan: (a, b) => a > b,
  LessThanEquals: (a, b) => a <= b,
  GreaterThanEquals: (a, b) => a >= b,
} satisfies Record<string, Test<number | string>>;

const ofStrings = (test: Test<string>): Operator => ({
  operand: 'string',
  matches: (a, b) => typeof a === 'string' && typeof b === 'string' && test(a, b),
});
const ofNumbers = (test: Test<number>): Operator => ({
  operand: 'number',
  matches: (a, b) => typeof a === 'number' && typeof b === 'number' && test(a, b),
});
const ofTimestamps = (test: Test<number>): Operator => ({
  operand: 'timestamp',
  matches: (a, b) => {
    const [x, y] = [timeOf(a), timeOf(b)];
    return x !== undefined && y !== undefined && test(x, y);
  },
});
const ofBooleans: Operator = {
  operand: 'boolean',
  matches: (a, b) => typeof a === 'boolean' && a === b,
};
const timeOf = (value: Json): number | undefined => (typeof value === 'string' ? parseTimestamp(value) : undefined);

/** Each of them exists as `XPath` too, but StringMatches. */
export const OPERATORS: { readonly [name: string]: Operator } = Object.fromEntries([
  ...Object.entries(ORDER).flatMap(([name, test]): [string, Operator][] => [
    [`String${name}`, ofStrings(test)],
    [`Numeric${name}`, ofNumbers(test)],
    [`Timestamp${name}`, ofTimestamps(test)],
  ]),
  ['BooleanEquals', ofBooleans],
  ['StringMatches', ofStrings(stringMatches)],
]);

/** Their operand is a boolean: whether the value should be so. `undefined` is a value that is not there. */
export const TYPE_TESTS: { readonly [name: string]: (value: Json | undefined) => boolean } = {
  IsPresent: (value) => value !== undefined,
  IsNull: (value) => value === null,
  IsNumeric: (value) => typeof value === 'number',
  IsString: (value) => typeof value === 'string',
  IsBoolean: (value) => typeof value === 'boolean',
  IsTimestamp: (value) => timeOf(value ?? null) !== undefined,
};

/** `NumericEqualsPath` is the operator `NumericEquals` whose operand stands at a path. */
export function pathOperator(name: string): string | undefined {
  const base = name.endsWith('Path') ? name.slice(0, -'Path'.length) : '';
  return base !== 'StringMatches' && Object.hasOwn(OPERATORS, base) ? base : undefined;
}
