import { isDefinite, type Step } from './ast.js';
import { PathSyntaxError, readSteps } from './steps.js';

export { PathSyntaxError } from './steps.js';

export interface CompiledPath {
  /** `$$`: the context object instead of the input. */
  readonly ofContext: boolean;
  /** `$name`: a variable instead of the input. */
  readonly variable?: string;
  readonly steps: readonly Step[];
  /** The names and indexes of a path that has nothing else, as most do. */
  readonly plain?: readonly (string | number)[];
  /** It gives one value, and not a list of what it finds. */
  readonly isDefinite: boolean;
}

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

/** Names of variables are Unicode identifiers. */
const VARIABLE = /^\$([\p{ID_Start}_][\p{ID_Continue}]*)/u;

function compile(path: string): CompiledPath {
  if (path.length > MAX_PATH_LENGTH) throw new PathSyntaxError(`A path has at most ${MAX_PATH_LENGTH} characters.`);
  if (!path.startsWith('$')) throw new PathSyntaxError(`The path '${path}' does not begin with '$'.`);
  const ofContext = path.startsWith('$$');
  const variable = VARIABLE.exec(path)?.[1];
  const steps = readSteps(path.slice(ofContext ? 2 : 1 + (variable?.length ?? 0)), path);
  const keys = steps.map(keyOf);
  return {
    ofContext,
    ...(variable !== undefined && { variable }),
    steps,
    ...(keys.every((key) => key !== undefined) && { plain: keys }),
    isDefinite: steps.every(isDefinite),
  };
}

function keyOf(step: Step): string | number | undefined {
  if (step.kind === 'names' && step.names.length === 1) return step.names[0];
  return step.kind === 'indexes' && step.indexes.length === 1 ? step.indexes[0] : undefined;
}
