import parse, { type JsonPathQuery } from 'jsonpath-rfc9535/parser';
import { costlyPart } from './check-query.js';

/**
 * A path in the States Language's dialect, which is Jayway's: `$.a-b` needs no brackets, a definite path gives its
 * value and an indefinite one an array. What is definite is ours; the rest is RFC 9535, which the library evaluates.
 *
 *   $.media[0].tracks[?(@.lang == 'de')].url
 *   '------ lead ---''---- indefinite -----'
 */
export interface CompiledPath {
  /** `$$`: the context object instead of the input. */
  readonly ofContext: boolean;
  /** `$name`: a variable instead of the input. */
  readonly variable?: string;
  /** The names and indexes up to the first step that may give several values. */
  readonly lead: readonly (string | number)[];
  /** The whole path as RFC 9535 writes it, if it is indefinite. */
  readonly query?: string;
  /** It ends with Jayway's `.length()`. */
  readonly length: boolean;
}

export class PathSyntaxError extends Error {}

const MAX_PATH_LENGTH = 4096;
const MAX_CACHED = 2000;
const cache = new Map<string, CompiledPath>();

export function compilePath(path: string): CompiledPath {
  const known = cache.get(path);
  if (known) return known;
  const compiled = compile(path);
  if (cache.size >= MAX_CACHED) cache.clear();
  cache.set(path, compiled);
  return compiled;
}

type Step = { readonly key: string | number } | { readonly rest: string };

function compile(path: string): CompiledPath {
  if (path.length > MAX_PATH_LENGTH) throw new PathSyntaxError(`A path has at most ${MAX_PATH_LENGTH} characters.`);
  const ofContext = path.startsWith('$$');
  const variable = VARIABLE.exec(path)?.[1];
  const root = variable === undefined ? {} : { variable };
  const length = path.endsWith('.length()');
  const steps = readSteps(
    path.slice(ofContext ? 2 : 1 + (variable?.length ?? 0), length ? -'.length()'.length : undefined),
    path,
  );
  const isDefinite = steps.every((step) => 'key' in step);
  const firstRest = steps.findIndex((step) => 'rest' in step);
  const lead = (isDefinite ? steps : steps.slice(0, firstRest)).flatMap((step) => ('key' in step ? [step.key] : []));
  if (isDefinite) return { ofContext, ...root, lead, length };
  const query = `$${steps.map((step) => ('rest' in step ? step.rest : bracket(step.key))).join('')}`;
  checkQuery(query, path);
  return { ofContext, ...root, lead, query, length };
}

const bracket = (key: string | number): string => `[${JSON.stringify(key)}]`;

/** Names of variables are Unicode identifiers. */
const VARIABLE = /^\$([\p{ID_Start}_][\p{ID_Continue}]*)/u;
const NAME = /^[^\s.[\]()'"*@,:?$]+/;
const QUOTED = /^\[\s*(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)")\s*\]/;
const INDEX = /^\[\s*(-?\d+)\s*\]/;

function readSteps(text: string, path: string): Step[] {
  if (!path.startsWith('$')) throw new PathSyntaxError(`The path '${path}' does not begin with '$'.`);
  const steps: Step[] = [];
  for (let rest = text; rest !== ''; ) {
    const [step, size] = readStep(rest) ?? [];
    if (!step || !size) throw new PathSyntaxError(`The path '${path}' cannot be read at '${rest.slice(0, 40)}'.`);
    steps.push(step);
    rest = rest.slice(size);
  }
  return steps;
}

function readStep(text: string): [Step, number] | undefined {
  if (text.startsWith('..')) {
    if (text[2] === '*') return [{ rest: '..*' }, 3];
    if (text[2] === '[') return afterDot('..', text.slice(2));
    const name = NAME.exec(text.slice(2))?.[0];
    return name ? [{ rest: `..${bracket(name)}` }, 2 + name.length] : undefined;
  }
  if (text.startsWith('.*')) return [{ rest: '[*]' }, 2];
  if (text.startsWith('.[')) {
    const inner = readBracket(text.slice(1));
    return inner && [inner[0], inner[1] + 1];
  }
  if (text.startsWith('.')) {
    const name = NAME.exec(text.slice(1))?.[0];
    return name ? [{ key: name }, 1 + name.length] : undefined;
  }
  return text.startsWith('[') ? readBracket(text) : undefined;
}

function afterDot(prefix: string, text: string): [Step, number] | undefined {
  const size = bracketSize(text);
  return size === undefined ? undefined : [{ rest: prefix + text.slice(0, size) }, prefix.length + size];
}

function readBracket(text: string): [Step, number] | undefined {
  const quoted = QUOTED.exec(text);
  if (quoted) return [{ key: (quoted[1] ?? quoted[2] ?? '').replace(/\\(.)/g, '$1') }, quoted[0].length];
  const index = INDEX.exec(text);
  if (index) return [{ key: Number(index[1]) }, index[0].length];
  return afterDot('', text);
}

/** Up to and with the bracket that closes the first one; brackets in quotes do not count. */
export function bracketSize(text: string): number | undefined {
  let depth = 0;
  let quote = '';
  for (let i = 0; i < text.length; i++) {
    const char = text[i] as string;
    if (quote) {
      if (char === '\\') i++;
      else if (char === quote) quote = '';
    } else if (char === "'" || char === '"') quote = char;
    else if (char === '[') depth++;
    else if (char === ']' && --depth === 0) return i + 1;
  }
  return undefined;
}

function checkQuery(query: string, path: string): void {
  const part = costlyPart(parsed(query, path));
  if (part) throw new PathSyntaxError(`The path '${path}' has ${part}, which is not supported.`);
}

function parsed(query: string, path: string): JsonPathQuery {
  try {
    return parse(query);
  } catch (error) {
    throw new PathSyntaxError(`The path '${path}' is not a JSONPath.`, { cause: error });
  }
}
