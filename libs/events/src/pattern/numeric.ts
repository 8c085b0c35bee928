import type { Anchor, Scalar } from './event-pattern.js';

interface NumericRange {
  readonly test: (value: Scalar) => boolean;
  readonly anchor?: Anchor;
}

/** AWS's limits of a number in a pattern. */
const LIMIT = 5_000_000_000;
const COMPARE: Readonly<Record<string, (value: number, bound: number) => boolean>> = {
  '=': (value, bound) => value === bound,
  '<': (value, bound) => value < bound,
  '<=': (value, bound) => value <= bound,
  '>': (value, bound) => value > bound,
  '>=': (value, bound) => value >= bound,
};
const isLower = (operator: string): boolean => operator.startsWith('>');

/** `["=", 5]`, `[">", 0]`, or a lower and an upper bound as in `[">", 0, "<=", 5]`; or what is wrong with it. */
export function readNumericRange(argument: unknown): NumericRange | string {
  if (!Array.isArray(argument)) return '"numeric" must be an array, such as [">", 0, "<=", 5]';
  if (argument.length !== 2 && argument.length !== 4)
    return '"numeric" must have one comparison, or a lower and an upper bound';
  const bounds: [operator: string, bound: number][] = [];
  for (let index = 0; index < argument.length; index += 2) {
    const [operator, bound] = argument.slice(index, index + 2) as [unknown, unknown];
    if (typeof operator !== 'string' || !Object.hasOwn(COMPARE, operator)) {
      return `"numeric" has no comparison ${JSON.stringify(operator)}: there are ${Object.keys(COMPARE).join(' ')}`;
    }
    if (typeof bound !== 'number') return `"numeric" must have a number after "${operator}"`;
    if (Math.abs(bound) > LIMIT) return `"numeric" must have numbers between -${LIMIT} and ${LIMIT}`;
    bounds.push([operator, bound]);
  }
  const [[first, low] = ['', 0], second] = bounds;
  if (second) {
    const [last, high] = second;
    if (!isLower(first) || isLower(last) || last === '=')
      return '"numeric" must have the lower bound first, then the upper';
    if (low >= high) return '"numeric" must have a lower bound that is less than the upper';
  }
  return {
    test: (value) =>
      typeof value === 'number' && bounds.every(([operator, bound]) => COMPARE[operator]?.(value, bound)),
    ...(first === '=' && { anchor: { kind: 'exact', value: low } as const }),
  };
}
