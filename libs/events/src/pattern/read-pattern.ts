import { z } from 'zod';
import type { Child, EventPattern, Leaf, PatternProblem, Rule } from './event-pattern.js';
import { readRule } from './rules.js';

/** Longer than AWS's 2,048 characters; a pattern is read at each event, so it has an end. */
const MAX_LENGTH = 16_384;
const MAX_DEPTH = 50;
const OR = '$or';

type Path = readonly (string | number)[];

export interface ReadPattern {
  readonly pattern: EventPattern;
  /** Every one, in the order in which they stand. */
  readonly problems: readonly PatternProblem[];
}

/** Compiles a pattern. `base` is where it stands, for the pointers of its rules. */
export function readPattern(written: unknown, base: Path = []): ReadPattern {
  const problems: PatternProblem[] = [];
  const refuse = (path: Path, message: string): void => void problems.push({ path: path.slice(base.length), message });
  const length = JSON.stringify(written)?.length ?? 0;
  if (length > MAX_LENGTH) {
    refuse(base, `must not be longer than ${MAX_LENGTH} characters; it has ${length}`);
    return { pattern: NOTHING, problems };
  }
  return { pattern: readGroup(written, { place: base, path: [] }, refuse), problems };
}

/** For schemas: refuses what is no pattern, each rule at its place. */
export const eventPattern = z
  .json({ error: 'must be JSON' })
  .superRefine((written, context) => {
    for (const { path, message } of readPattern(written).problems) {
      context.addIssue({ code: 'custom', path: [...path], message });
    }
  })
  .meta({
    id: 'EventPattern',
    description:
      'An event pattern of Amazon EventBridge, such as {"data": {"key": [{"suffix": ".mp4"}], "size": [{"numeric": [">", 0]}]}}',
  });

const NOTHING: EventPattern = { leaves: [], children: [], choices: [] };

interface Where {
  /** In the text of the pattern. */
  readonly place: Path;
  /** In the event. */
  readonly path: readonly string[];
}
type Refuse = (path: Path, message: string) => void;

function readGroup(written: unknown, { place, path }: Where, refuse: Refuse): EventPattern {
  if (typeof written !== 'object' || written === null || Array.isArray(written)) {
    refuse(place, 'must be an object: a pattern has the form of the events it matches');
    return NOTHING;
  }
  if (path.length > MAX_DEPTH) refuse(place, `must not be nested deeper than ${MAX_DEPTH} levels`);
  const fields = Object.entries(written as Record<string, unknown>);
  if (fields.length === 0) refuse(place, 'must not be empty: it would match everything');
  if (problematic(path)) return NOTHING;
  const [leaves, children, choices]: [Leaf[], Child[], EventPattern[][]] = [[], [], []];
  for (const [key, value] of fields) {
    const at = { place: [...place, key], path: [...path, key] };
    const pointer = toPointer(at.place);
    if (key === OR) choices.push(readChoice(value, { place: at.place, path }, refuse));
    else if (Array.isArray(value)) leaves.push({ path: at.path, pointer, rules: readRules(value, at.place, refuse) });
    else if (typeof value === 'object' && value !== null) {
      children.push({ key, pointer, group: readGroup(value, at, refuse) });
    } else
      refuse(at.place, `must be an array of what may stand there, such as [${JSON.stringify(value)}], or an object`);
  }
  return { leaves, children, choices };
}

const problematic = (path: readonly string[]): boolean => path.length > MAX_DEPTH;

function readRules(written: readonly unknown[], place: Path, refuse: Refuse): Rule[] {
  if (written.length === 0) refuse(place, 'must not be empty: nothing would match it');
  return written.flatMap((one, index) => {
    const rule = readRule(one);
    if (typeof rule !== 'string') return [rule];
    refuse([...place, index], rule);
    return [];
  });
}

function readChoice(written: unknown, { place, path }: Where, refuse: Refuse): EventPattern[] {
  if (!Array.isArray(written) || written.length < 2) {
    refuse(place, 'must be an array of at least two patterns, of which one must match');
    return [];
  }
  return written.map((one, index) => readGroup(one, { place: [...place, index], path }, refuse));
}

/** RFC 6901 section 3. */
export const toPointer = (path: Path): string =>
  path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
