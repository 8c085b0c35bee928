import { isObject } from '../json.js';
import { MAX_DATA_DEPTH } from '../limits.js';
import type { Json, JsonObject } from '../model.js';
import { compileQuery, QuerySyntaxError } from './compile.js';
import { type QuerySurroundings, SURROUNDINGS } from './functions.js';
import { metered } from './meter.js';
import { QueryFailure, QueryLimitExceeded } from './query-error.js';
import { readSimplePath, simplePath } from './simple-path.js';

/** What an expression sees: `$states`, and the variables by their names. */
export interface QueryScope {
  readonly states: object;
  readonly variables: JsonObject;
  readonly around: QuerySurroundings;
  /** Less than the limit, where less must do. */
  readonly maxSteps?: number;
}

const EXPRESSION = /^\{%([\s\S]*)%\}$/;

/** The expression in `{% … %}`; other text is text. */
export const expressionIn = (text: string): string | undefined => EXPRESSION.exec(text)?.[1]?.trim();

/** The value of an expression; `field` is where it stands (`Arguments/list[0]`). To find nothing is a failure. */
export function evaluateQuery(text: string, field: string, scope: QueryScope): Json {
  const place = `The JSONata expression '${text}' specified for the field '${field}'`;
  const simple = simplePath(text);
  const found = simple && readSimplePath(simple, scope.states, scope.variables);
  if (found !== undefined) return found;
  const value = evaluate(
    text,
    scope,
    (reason) => new QueryFailure(field, `${place} threw an error during evaluation${reason}`),
  );
  if (value === undefined) throw new QueryFailure(field, `${place} returned nothing (undefined).`);
  if (typeof value === 'function' || isCallable(value)) {
    throw new QueryFailure(field, `${place} returned an unsupported result type.`);
  }
  return toJson(value, 0, () => new QueryFailure(field, `${place} returned a value that is nested too deeply.`));
}

function evaluate(
  text: string,
  { states, variables, around, maxSteps }: QueryScope,
  failed: (reason: string) => Error,
): unknown {
  try {
    const query = compileQuery(text);
    return metered(maxSteps, (meter) => {
      const bound: Record<string, unknown> = {};
      for (const name of query.names) if (Object.hasOwn(variables, name)) bound[name] = variables[name];
      const value = query.evaluate({ ...bound, states, [SURROUNDINGS]: around });
      meter.admit(value);
      return value;
    });
  } catch (error) {
    throw failed(reasonOf(error));
  }
}

/** AWS puts a full stop before an error with a code, and a colon before others. */
function reasonOf(error: unknown): string {
  if (error instanceof QueryLimitExceeded) return `: ${error.message}`;
  if (error instanceof RangeError)
    return ': Expression evaluation memory limit exceeded: Check for excessive memory usage';
  if (error instanceof QuerySyntaxError) return `. ${error.code}: ${error.message}`;
  const { code, message } = error as { code?: string; message?: string };
  if (code === undefined && error instanceof Error && !(error instanceof TypeError)) throw error;
  return code === undefined ? `: ${message ?? String(error)}` : `. ${code}: ${message ?? ''}`;
}

const isCallable = (value: unknown): boolean =>
  isObject(value) && ('_jsonata_lambda' in value || '_jsonata_function' in value);

/** Plain data: the library's arrays carry marks and its objects no prototype, and JSON knows no Infinity. */
function toJson(value: unknown, depth: number, tooDeep: () => Error): Json {
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
  if (typeof value !== 'object' || value === null) return (value ?? null) as Json;
  if (depth > MAX_DATA_DEPTH) throw tooDeep();
  if (Array.isArray(value)) return value.map((item: unknown) => toJson(item, depth + 1, tooDeep));
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, member]) => member !== undefined && typeof member !== 'function' && !isCallable(member))
      .map(([key, member]) => [key, toJson(member, depth + 1, tooDeep)]),
  );
}
