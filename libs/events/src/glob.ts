import { RE2JS } from 're2js';

/**
 * A glob over keys, as in shells: `*` and `?` stay within a folder, `**` does not, `{a,b}` is either, `[a-z]` and
 * `[!a-z]` are one character, `\` takes the next one as it is. Dots are nothing special.
 *
 * Run by RE2, which needs time in proportion to the key: a backtracking expression made of somebody's glob could
 * hold up the triggers of everybody.
 */
export interface Glob {
  readonly test: (key: string) => boolean;
  /** What each key that matches begins with. */
  readonly prefix: string;
  /** What each key that matches ends with. */
  readonly suffix: string;
}

const MAX_LENGTH = 1_024;
/** Alternatives within alternatives; more is hardly meant. */
const MAX_DEPTH = 5;

/** The glob, or the sentence that says why it is none. */
export function readGlob(text: string): Glob | string {
  if (text === '' || text.length > MAX_LENGTH) return `must have 1 to ${MAX_LENGTH} characters`;
  const parts: string[] = [];
  let depth = 0;
  for (let at = 0; at < text.length; ) {
    const part = partAt(text, at, depth);
    if ('problem' in part) return `${part.problem}, at position ${at}`;
    parts.push(part.source);
    depth += part.deeper ?? 0;
    if (depth > MAX_DEPTH) return `must not have more than ${MAX_DEPTH} braces within one another`;
    at += part.length;
  }
  if (depth > 0) return 'has a { without its }';
  const expression = RE2JS.compile(parts.join(''), RE2JS.DOTALL);
  return { test: (key) => expression.matches(key), prefix: literalStart(text), suffix: literalEnd(text) };
}

type Part =
  | { readonly source: string; readonly length: number; readonly deeper?: number }
  | { readonly problem: string };

function partAt(text: string, at: number, depth: number): Part {
  const character = text.charAt(at);
  switch (character) {
    case '*':
      return starsAt(text, at);
    case '?':
      return { source: '[^/]', length: 1 };
    case '[':
      return classAt(text, at);
    case '{':
      return { source: '(?:', length: 1, deeper: 1 };
    case '}':
      return depth > 0 ? { source: ')', length: 1, deeper: -1 } : { problem: 'has a } without its {' };
    case ',':
      return { source: depth > 0 ? '|' : ',', length: 1 };
    case '\\':
      return at + 1 < text.length ? literal(text, at + 1, 1) : { problem: 'has a backslash with nothing behind it' };
    default:
      return literal(text, at, 0);
  }
}

/** Any folders between slashes, also none; else anything. */
function starsAt(text: string, at: number): Part {
  const length = /^\*+/.exec(text.slice(at))?.[0].length ?? 1;
  if (length === 1) return { source: '[^/]*', length };
  const isFolders = (at === 0 || text.charAt(at - 1) === '/') && text.charAt(at + length) === '/';
  return isFolders ? { source: '(?:.*/)?', length: length + 1 } : { source: '.*', length };
}

function classAt(text: string, at: number): Part {
  const [whole, not, members] = /^\[(!|\^)?(\]?[^\]/]+)\]/.exec(text.slice(at)) ?? [];
  if (whole === undefined || members === undefined) return { problem: 'has a [ without its ]' };
  const backwards = [...members.matchAll(/(.)-(.)/gsu)].find(([, from = '', to = '']) => from > to);
  if (backwards) return { problem: `has the range ${backwards[0]}, which is empty` };
  const escaped = members.replaceAll(/[[\]\\^]/g, '\\$&');
  return { source: not ? `[^/${escaped}]` : `[${escaped}]`, length: whole.length };
}

function literal(text: string, at: number, before: number): Part {
  const character = String.fromCodePoint(text.codePointAt(at) ?? 0);
  return { source: RE2JS.quote(character), length: before + character.length };
}

const literalStart = (text: string): string => /^[^*?[\]{}\\]*/.exec(text)?.[0] ?? '';
const literalEnd = (text: string): string =>
  /[{\\]/.test(text) ? '' : (/[^*?[\]]*$/.exec(text)?.[0] ?? '').replace(/^\/+/, '');
