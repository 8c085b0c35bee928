import ipaddr from 'ipaddr.js';
import type { Rule, Scalar } from './event-pattern.js';
import { readNumericRange } from './numeric.js';
import { matchesWildcard, readWildcard } from './wildcard.js';

/** A rule, or the sentence that says why it is none. */
export type Read = Rule | string;
type Test = (value: Scalar) => boolean;
type Reader = (written: unknown, argument: unknown) => Read;

export const isScalar = (value: unknown): value is Scalar =>
  value === null || ['string', 'number', 'boolean'].includes(typeof value);

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const fold = (text: string): string => text.toLowerCase();
const onText =
  (test: (text: string) => boolean): Test =>
  (value) =>
    typeof value === 'string' && test(value);

export const exact = (value: Scalar): Rule => ({
  written: value,
  test: (candidate) => candidate === value,
  anchor: { kind: 'exact', value },
});

export const startsWith = (written: unknown, prefix: string): Rule => ({
  written,
  test: onText((text) => text.startsWith(prefix)),
  anchor: { kind: 'prefix', value: prefix },
});

export const endsWith = (written: unknown, suffix: string): Rule => ({
  written,
  test: onText((text) => text.endsWith(suffix)),
  anchor: { kind: 'suffix', value: suffix },
});

/** A member of a leaf's array. */
export function readRule(written: unknown): Read {
  if (isScalar(written)) return exact(written);
  if (!isObject(written)) return 'must be a text, a number, true, false, null, or an object with one comparison';
  const [[operator, argument] = [undefined, undefined], ...more] = Object.entries(written);
  if (operator === undefined || more.length > 0) return 'must have exactly one comparison, such as {"prefix": "in/"}';
  const reader = Object.hasOwn(READERS, operator) ? READERS[operator] : undefined;
  if (reader) return reader(written, argument);
  return `has no comparison of the name "${operator}": there are ${Object.keys(READERS).join(', ')}`;
}

const READERS: Readonly<Record<string, Reader>> = {
  prefix: (written, argument) => affix('prefix', written, argument),
  suffix: (written, argument) => affix('suffix', written, argument),
  'equals-ignore-case': (written, text) => {
    if (typeof text !== 'string') return '"equals-ignore-case" must be a text';
    const folded = fold(text);
    return { written, test: onText((other) => fold(other) === folded), anchor: { kind: 'folded', value: folded } };
  },
  wildcard: (written, text) => {
    const wildcard = typeof text === 'string' ? readWildcard(text) : '"wildcard" must be a text';
    if (typeof wildcard === 'string') return typeof text === 'string' ? `"wildcard" ${wildcard}` : wildcard;
    const { first, last = '' } = wildcard;
    const kind = first.length >= last.length ? 'prefix' : 'suffix';
    const value = kind === 'prefix' ? first : last;
    const test = onText((other) => matchesWildcard(wildcard, other));
    return { written, test, ...(value && { anchor: { kind, value } }) };
  },
  numeric: (written, argument) => {
    const range = readNumericRange(argument);
    return typeof range === 'string' ? range : { written, ...range };
  },
  exists: (written, argument) => {
    if (typeof argument !== 'boolean') return '"exists" must be true or false';
    return argument ? { written, test: () => true } : { written, test: () => false, isAbsence: true };
  },
  cidr: (written, argument) => {
    const test = typeof argument === 'string' ? cidrTest(argument) : undefined;
    return test ? { written, test } : '"cidr" must be a range of addresses, such as "10.0.0.0/24" or "2001:db8::/32"';
  },
  'anything-but': (written, argument) => {
    const test = anythingBut(argument);
    return typeof test === 'string' ? `"anything-but" ${test}` : { written, test };
  },
};

function affix(kind: 'prefix' | 'suffix', written: unknown, argument: unknown): Read {
  if (typeof argument === 'string')
    return kind === 'prefix' ? startsWith(written, argument) : endsWith(written, argument);
  const text = isObject(argument) && Object.keys(argument).length === 1 ? argument['equals-ignore-case'] : undefined;
  if (typeof text !== 'string') return `"${kind}" must be a text, or {"equals-ignore-case": TEXT}`;
  const folded = fold(text);
  // Of equal length first: the lower case of a few letters is longer than they are.
  const part = (other: string) =>
    kind === 'prefix' ? other.slice(0, text.length) : other.slice(-text.length || Infinity);
  return { written, test: onText((other) => fold(part(other)) === folded) };
}

function cidrTest(range: string): Test | undefined {
  if (!ipaddr.isValidCIDR(range)) return undefined;
  const [network, bits] = ipaddr.parseCIDR(range);
  return onText((text) => {
    if (!ipaddr.isValid(text)) return false;
    const address = ipaddr.parse(text);
    return address.kind() === network.kind() && address.match(network, bits);
  });
}

/** What each value of an `anything-but` with a comparison inside must not do. */
const NEGATED: Readonly<Record<string, (text: string) => ((value: string) => boolean) | string>> = {
  prefix: (text) => (text === '' ? 'must not exclude the empty prefix: every text has it' : (v) => v.startsWith(text)),
  suffix: (text) => (text === '' ? 'must not exclude the empty suffix: every text has it' : (v) => v.endsWith(text)),
  'equals-ignore-case': (text) => (v) => fold(v) === fold(text),
  wildcard: (text) => {
    const wildcard = readWildcard(text);
    return typeof wildcard === 'string' ? `wildcard ${wildcard}` : (v) => matchesWildcard(wildcard, v);
  },
};

function anythingBut(argument: unknown): Test | string {
  if (isObject(argument)) return anythingButComparison(argument);
  const values = Array.isArray(argument) ? (argument as unknown[]) : [argument];
  if (values.length === 0) return 'must name at least one value';
  const types = new Set(values.map((value) => typeof value));
  const isNameable = Array.isArray(argument) ? types.size === 1 && /^(string|number)$/.test([...types].join()) : true;
  if (!isNameable) return 'must be a list of texts only or of numbers only';
  if (!values.every(isScalar)) return 'must be a value, a list of values, or an object with one comparison';
  const excluded = new Set<Scalar>(values);
  return (value) => !excluded.has(value);
}

function anythingButComparison(argument: Record<string, unknown>): Test | string {
  const [[operator, texts] = ['', undefined], ...more] = Object.entries(argument);
  const negated = Object.hasOwn(NEGATED, operator) ? NEGATED[operator] : undefined;
  if (!negated || more.length > 0)
    return `must have exactly one comparison inside, of ${Object.keys(NEGATED).join(', ')}`;
  const list: unknown[] = Array.isArray(texts) ? texts : [texts];
  if (list.length === 0) return `must exclude at least one ${operator}`;
  const tests: ((value: string) => boolean)[] = [];
  for (const text of list) {
    const test = typeof text === 'string' ? negated(text) : `must have a text or texts as "${operator}"`;
    if (typeof test === 'string') return test;
    tests.push(test);
  }
  // As with AWS: what is no text has no prefix, and passes for no text either.
  return onText((value) => !tests.some((test) => test(value)));
}
