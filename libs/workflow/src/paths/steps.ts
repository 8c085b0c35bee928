import type { Step } from './ast.js';
import { bracketSize } from './brackets.js';
import { readFilter } from './read-filter.js';

export class PathSyntaxError extends Error {}

/** The steps of what stands behind `$`; undefined, with where it cannot be read. */
export function readSteps(text: string, path: string): Step[] {
  const steps: Step[] = [];
  for (let rest = text; rest !== ''; ) {
    const found = readStep(rest);
    if (!found) throw new PathSyntaxError(`The path '${path}' cannot be read at '${rest.slice(0, 40)}'.`);
    steps.push(found.step);
    rest = rest.slice(found.size);
  }
  if (steps.at(-1)?.kind === 'deep') throw new PathSyntaxError(`The path '${path}' ends with '..'.`);
  return steps;
}

interface Found {
  readonly step: Step;
  readonly size: number;
}

const NAME = /^[^\s.[\]'"*@,:?$]+/;
const QUOTED = /'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"/;
const NAMES = new RegExp(`^\\[\\s*(?:${QUOTED.source})(?:\\s*,\\s*(?:${QUOTED.source}))*\\s*\\]`);
const INDEXES = /^\[\s*(-?\d+(?:\s*,\s*-?\d+)*)\s*\]/;
/** A third number is read and has no effect. */
const SLICE = /^\[\s*(-?\d+)?\s*:\s*(-?\d+)?\s*(?::\s*-?\d+\s*)?\]/;

function readStep(text: string): Found | undefined {
  if (text.startsWith('..')) return { step: { kind: 'deep' }, size: text[2] === '[' ? 2 : 1 };
  if (text.startsWith('.*')) return { step: { kind: 'every' }, size: 2 };
  if (text.startsWith('.[')) return shifted(readBracket(text.slice(1)));
  if (text.startsWith('.')) return shifted(readName(text.slice(1)));
  return text.startsWith('[') ? readBracket(text) : undefined;
}

const shifted = (found: Found | undefined): Found | undefined => found && { ...found, size: found.size + 1 };

function readName(text: string): Found | undefined {
  const name = NAME.exec(text)?.[0];
  return name === undefined ? undefined : { step: { kind: 'names', names: [name] }, size: name.length };
}

function readBracket(text: string): Found | undefined {
  const names = NAMES.exec(text)?.[0];
  if (names) {
    const all = [...names.matchAll(new RegExp(QUOTED, 'g'))].map(([quoted]) => unquoted(quoted));
    return { step: { kind: 'names', names: all }, size: names.length };
  }
  const indexes = INDEXES.exec(text);
  if (indexes) return { step: { kind: 'indexes', indexes: numbers(indexes[1] as string) }, size: indexes[0].length };
  const every = /^\[\s*\*\s*\]/.exec(text)?.[0];
  if (every) return { step: { kind: 'every' }, size: every.length };
  return readSlice(text) ?? readFilterStep(text);
}

function readSlice(text: string): Found | undefined {
  const [all, from, to] = SLICE.exec(text) ?? [];
  if (all === undefined || (from === undefined && to === undefined)) return undefined;
  return { step: { kind: 'slice', from: numberIn(from), to: numberIn(to) }, size: all.length };
}

function readFilterStep(text: string): Found | undefined {
  const size = bracketSize(text);
  const inside = size === undefined ? undefined : /^\[\s*\?\s*\(([\s\S]*)\)\s*\]$/.exec(text.slice(0, size))?.[1];
  const condition = inside === undefined ? undefined : readFilter(inside, readSteps);
  return condition && size !== undefined ? { step: { kind: 'filter', condition }, size } : undefined;
}

const unquoted = (quoted: string): string => quoted.slice(1, -1).replace(/\\(.)/g, '$1');
const numberIn = (text: string | undefined): number | undefined => (text === undefined ? undefined : Number(text));
const numbers = (list: string): number[] => list.split(',').map(Number);
