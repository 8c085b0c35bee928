import { evaluateTemplate, type Json, type JsonObject, type StateMachine } from '@app/workflow';

/**
 * Stands in values for text that is known only when something runs. It may stand within a key as well as be a whole
 * bucket, so that what picks objects out of payloads reads such values as any others.
 */
export const UNKNOWN = 'zz7unknown7zz';

type Language = NonNullable<StateMachine['QueryLanguage']>;

export interface Known {
  /** The state's input, as far as it is known; a path into the rest gives UNKNOWN. */
  readonly input: Json;
  readonly executionInput: Json;
  readonly language: Language;
}

/** As the template will be filled in; each field by itself, since what is unknown of one says nothing of others. */
export function fillKnown(template: Json, known: Known): Json {
  if (Array.isArray(template)) return template.map((item) => fillKnown(item, known));
  if (typeof template === 'object' && template !== null) {
    return Object.fromEntries(Object.entries(template).map(([name, value]) => fieldOf(name, value, known)));
  }
  return typeof template === 'string' && known.language === 'JSONata' ? attempt(template, template, known) : template;
}

function fieldOf(name: string, value: Json, known: Known): [string, Json] {
  if (known.language !== 'JSONPath' || !name.endsWith('.$')) return [name, fillKnown(value, known)];
  const filled = attempt({ 'it.$': value }, String(value), known);
  return [name.slice(0, -2), filled === UNKNOWN ? UNKNOWN : ((filled as JsonObject)['it'] ?? UNKNOWN)];
}

/** What cannot be evaluated although every path in it leads somewhere is unknown as a whole. */
function attempt(template: Json, text: string, { input, executionInput, language }: Known): Json {
  const roots = { input, context: contextOf(executionInput), variables: { event: input } };
  const { context, variables, ...seen } = pathsIn(text, language).reduce(withPath, roots);
  try {
    return evaluateTemplate(template, seen.input, { language, context, variables, around: AROUND });
  } catch {
    return UNKNOWN;
  }
}

const AROUND = { random: () => 0, uuid: () => UNKNOWN, now: 0 };
const UNNAMED = { Id: UNKNOWN, Name: UNKNOWN, StartTime: UNKNOWN };
const contextOf = (Input: Json): JsonObject => ({
  Execution: { ...UNNAMED, Input },
  StateMachine: UNNAMED,
  State: UNNAMED,
  Map: { Item: { Index: 0, Value: UNKNOWN } },
});

interface Roots {
  readonly input: Json;
  readonly context: JsonObject;
  readonly variables: JsonObject;
}
interface Path {
  readonly root: keyof Roots;
  readonly names: readonly string[];
}

const JSON_PATHS = /(\$\$?)((?:\.[A-Za-z_]\w*)+)/g;
/** A variable, and no function that is called. */
const JSONATA_PATHS = /\$([A-Za-z_]\w*)((?:\.[A-Za-z_]\w*)*)(?![\w(])/g;

const stepsOf = (path = ''): string[] => path.split('.').slice(1);

/** The plain paths of an expression. */
function pathsIn(text: string, language: Language): Path[] {
  if (language === 'JSONPath') {
    return [...text.matchAll(JSON_PATHS)].map(([, root, path]) => ({
      root: root === '$' ? 'input' : 'context',
      names: stepsOf(path),
    }));
  }
  return [...text.matchAll(JSONATA_PATHS)].map(([, variable = '', path]): Path => {
    const [first, ...names] = stepsOf(path);
    const isState = variable === 'states' && (first === 'input' || first === 'context');
    return isState ? { root: first, names } : { root: 'variables', names: [variable, ...stepsOf(path)] };
  });
}

const withPath = (roots: Roots, { root, names }: Path): Roots => ({ ...roots, [root]: reaching(roots[root], names) });

/** The value, with UNKNOWN at the end of the path if nothing is there: JSONata would take nothing for an empty text. */
function reaching(value: Json, [name, ...rest]: readonly string[]): Json {
  if (name === undefined) return value;
  const fields = typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {};
  return { ...fields, [name]: reaching(fields[name] ?? UNKNOWN, rest) };
}
