import jsonata from 'jsonata';
import { FUNCTIONS } from './functions.js';
import { guarded, type LibraryFunction, paid } from './guards.js';
import { keepArrays, libraryFunction, newer, REPLACED, withClosedRegex } from './newer.js';
import { currentMeter } from './meter.js';
import { LinearRegex } from './regex.js';

/** An expression that cannot be read; `code` is the library's. */
export class QuerySyntaxError extends Error {
  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

export interface CompiledQuery {
  evaluate(bindings: Record<string, unknown>): unknown;
  readonly ast: jsonata.ExprNode;
  /** All that stands behind a `$`: variables, and functions too. */
  readonly names: readonly string[];
}

type Node = Partial<jsonata.ExprNode> & { charged?: true };

const MAX_LENGTH = 32_768;
/** The library reads with a recursive parser. */
const MAX_NESTING = 200;
const MAX_CACHED = 2000;
const cache = new Map<string, CompiledQuery>();

export function compileQuery(text: string): CompiledQuery {
  const known = cache.get(text);
  if (known) return known;
  const compiled = compile(text);
  if (cache.size >= MAX_CACHED) cache.clear();
  cache.set(text, compiled);
  return compiled;
}

function compile(text: string): CompiledQuery {
  const expression = parsed(text);
  const ast = expression.ast();
  charge(ast);
  keepArrays(ast);
  for (const [name, value] of Object.entries(guardedLibrary())) expression.assign(name, value);
  for (const [name, [signature, implementation]] of Object.entries(FUNCTIONS)) {
    expression.registerFunction(name, paid(name, implementation) as never, signature);
  }
  expression.assign('eval', undefined);
  expression.assign('__evaluate_entry', enter);
  expression.assign('__evaluate_exit', leave);
  const names = [
    ...new Set([...text.matchAll(/\$([\p{ID_Start}_][\p{ID_Continue}]*)/gu)].map(([, name]) => name ?? '')),
  ];
  return {
    ast,
    names,
    evaluate(bindings) {
      // The library keeps it for all expressions at once, whoever made the last one.
      (jsonata as unknown as { RegexEngine: unknown }).RegexEngine = LinearRegex;
      return expression.evaluate(undefined, bindings);
    },
  };
}

const enter = (): void => currentMeter().enter();

function leave(node: Node, _input: unknown, _environment: unknown, result: unknown): void {
  const meter = currentMeter();
  meter.leave();
  if (isMade(node, result)) meter.admit(result);
  if (node.charged) meter.spendBytes(meter.weigh(result));
}

/** Whether the value may be larger than those it was made of. */
const isMade = ({ type }: Node, result: unknown): boolean =>
  type !== 'variable' &&
  type !== 'name' &&
  (typeof result === 'string' ||
    (typeof result === 'object' && result !== null && (type !== 'path' || 'sequence' in result)));

/** Operators that read their operands through, however large these are. */
const READING = new Set(['=', '!=', '&', 'in', '<', '>', '<=', '>=']);

function charge(tree: unknown): void {
  if (typeof tree !== 'object' || tree === null || tree instanceof RegExp) return;
  const { type, value, lhs, rhs } = tree as { type?: string; value?: unknown; lhs?: Node; rhs?: Node };
  if (type === 'binary' && READING.has(String(value))) for (const side of [lhs, rhs]) if (side) side.charged = true;
  for (const part of Object.values(tree)) charge(part);
}

function parsed(text: string): jsonata.Expression {
  if (text.length > MAX_LENGTH)
    throw new QuerySyntaxError('S0500', `An expression has at most ${MAX_LENGTH} characters`);
  if (nesting(text) > MAX_NESTING) throw new QuerySyntaxError('S0500', 'The expression is nested too deeply');
  try {
    return jsonata(withClosedRegex(text));
  } catch (error) {
    const { code = 'S0500', message = String(error) } = error as { code?: string; message?: string };
    throw new QuerySyntaxError(code, message);
  }
}

/** At most so many brackets are open at once. */
function nesting(text: string): number {
  let depth = 0;
  let most = 0;
  for (const char of text) {
    if (char === '(' || char === '[' || char === '{') most = Math.max(most, ++depth);
    else if (char === ')' || char === ']' || char === '}') depth = Math.max(0, depth - 1);
  }
  return most;
}

/** The library's functions, made to pay. Those that draw from a clock or chance are replaced. */
function guardedLibrary(): { readonly [name: string]: LibraryFunction } {
  library ??= Object.fromEntries([
    ...NAMES.map((name): [string, LibraryFunction] => [name, guarded(name, libraryFunction(name))]),
    ...Object.entries(newer()).map(([name, made]): [string, LibraryFunction] => [name, guarded(name, made)]),
  ]);
  return library;
}
let library: { readonly [name: string]: LibraryFunction } | undefined;

/** All that can be called by name: the library's own, those in its place, and AWS's. */
export const isFunctionName = (name: string): boolean =>
  NAMES.includes(name) || REPLACED.includes(name) || Object.hasOwn(FUNCTIONS, name);

const NAMES = (
  'sum count max min average string substring substringBefore substringAfter lowercase uppercase length trim pad match ' +
  'contains replace split join formatBase formatInteger parseInteger floor ceil round abs sqrt power ' +
  'boolean not map zip filter single reduce sift keys lookup append exists spread merge reverse each error assert type ' +
  'sort distinct base64encode base64decode encodeUrlComponent encodeUrl decodeUrlComponent decodeUrl toMillis clone'
).split(' ');
