import jsonata from 'jsonata';
import { runtimeFailure } from '../failure.js';
import type { Focus } from './functions.js';
import type { LibraryFunction } from './guards.js';
import { QueryFunctionError } from './query-error.js';

/*
 * AWS has JSONata 2.0.6. From 2.0 on, the library answers with promises, and a transition may not wait; so ours is its
 * last version without, and this is what the two differ in.
 */

/** The functions here, which stand for the library's. */
export const REPLACED: readonly string[] = ['now', 'number', 'fromMillis', 'formatNumber'];

export const newer = (): { readonly [name: string]: LibraryFunction } => {
  const fromMillis = withUpperCase(libraryFunction('fromMillis'));
  return { now: now(fromMillis), number: number(), fromMillis, formatNumber: formatNumber() };
};

export const libraryFunction = (name: string): LibraryFunction => {
  const found: unknown = jsonata(`$${name}`).evaluate(undefined);
  if (typeof found === 'object' && found !== null && '_jsonata_function' in found) return found as LibraryFunction;
  throw runtimeFailure(`The library has no function $${name}.`);
};

type Format = (this: unknown, ...args: unknown[]) => unknown;

/** `[PN]` in a picture is AM or PM. */
function withUpperCase({ implementation, signature }: LibraryFunction): LibraryFunction {
  const format = implementation as Format;
  function formatted(this: Focus, millis: unknown, picture?: unknown, timezone?: unknown): unknown {
    const half = (): string => String(format.call(this, millis, '[Pn]', timezone)).toUpperCase();
    const filled = typeof picture === 'string' ? picture.replace(/\[PN[^\]]*\]/g, half) : picture;
    return format.call(this, millis, filled, timezone);
  }
  return { _jsonata_function: true, implementation: formatted, signature };
}

/** `$now(picture, timezone)` is `$fromMillis($millis(), picture, timezone)`. */
function now({ implementation: format }: LibraryFunction): LibraryFunction {
  const { signature } = libraryFunction('now');
  function implementation(this: Focus, picture?: string, timezone?: string): unknown {
    const millis = (this.environment.lookup('millis') as LibraryFunction).implementation;
    return (format as Format).call(this, millis.call(this), picture, timezone);
  }
  return { _jsonata_function: true, implementation, signature };
}

/** It reads `0x1f`, `0o7` and `0b1` too. */
function number(): LibraryFunction {
  const { implementation: read, signature } = libraryFunction('number');
  function implementation(this: Focus, value: unknown): unknown {
    const isPrefixed = typeof value === 'string' && /^0(x[\da-f]+|o[0-7]+|b[01]+)$/i.test(value);
    return isPrefixed ? Number(value) : read.call(this, value as never);
  }
  return { _jsonata_function: true, implementation, signature };
}

/** A picture without a digit is refused, with a code; the library stumbles over it. */
function formatNumber(): LibraryFunction {
  const { implementation: format, signature } = libraryFunction('formatNumber');
  function implementation(this: Focus, ...args: never[]): unknown {
    try {
      return format.apply(this, args);
    } catch (error) {
      if (error instanceof TypeError) throw new QueryFunctionError('D3086', PASSIVE_CHARACTER);
      throw error;
    }
  }
  return { _jsonata_function: true, implementation, signature };
}

const PASSIVE_CHARACTER =
  'The sub-picture must not contain a passive character that is preceded by an active character and that is followed ' +
  'by another active character';

interface Node {
  readonly type?: string;
  readonly lhs?: Node;
  readonly rhs?: Node;
  keepArray?: boolean;
}

/** `$list ~> $filter($f)[]` is an array, of one item too. */
export function keepArrays(tree: unknown): void {
  if (typeof tree !== 'object' || tree === null || tree instanceof RegExp) return;
  for (const part of Object.values(tree)) keepArrays(part);
  const node = tree as Node;
  if (node.type === 'apply' && (node.lhs?.keepArray || node.rhs?.keepArray)) node.keepArray = true;
}

/** `/a\\\\/` ends at its last slash, as the backslash before it is itself escaped; the library reads on. */
export const withClosedRegex = (text: string): string => {
  if (!text.includes('\\\\/')) return text;
  return text.replace(QUOTED_OR_REGEX, (found) =>
    /^\/(?!\*).*\\\\\/$/s.test(found) ? `${found.slice(0, -3)}\\x5c/` : found,
  );
};

/** Texts, quoted names and comments are passed over; a slash begins a regular expression where a value may stand. */
const QUOTED_OR_REGEX =
  /"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`[^`]*`|\/\*[\s\S]*?\*\/|(?<=(?:^|[,(:?=[{&|;])\s*)\/(?:[^/\\]|\\.)+\//gs;
