import { AslFailure, runtimeFailure } from '../failure.js';
import { notFound, pathShown } from './not-found.js';
import { member } from '../json.js';
import type { Json } from '../model.js';
import { type Sources, select } from '../paths/select.js';
import type { Chance } from './chance.js';
import { type Call, type Expression, IntrinsicSyntaxError, parseIntrinsic, unescaped } from './parse.js';
import { INTRINSICS } from './table.js';

/** Text that is not a path is taken for a call. */
export const isIntrinsic = (text: string): boolean => !text.startsWith('$');

export function evaluateIntrinsic(text: string, sources: Sources, chance: Chance): Json {
  try {
    return evaluateCall(parseIntrinsic(text), sources, chance);
  } catch (error) {
    if (error instanceof IntrinsicSyntaxError) throw runtimeFailure(error.message);
    if (error instanceof AslFailure) {
      throw new AslFailure(error.error, `The function '${text}' had the following error: ${error.cause}`);
    }
    throw error;
  }
}

function evaluateCall({ name, args }: Call, sources: Sources, chance: Chance): Json {
  const intrinsic = member(INTRINSICS, name);
  if (!intrinsic) throw runtimeFailure(`There is no intrinsic function '${name}'.`);
  const values = args.map((arg, index) =>
    // The first argument of States.Format keeps its escapes: `\{` is no place to fill.
    name === 'States.Format' && index === 0 && arg.kind === 'string' ? arg.raw : evaluate(arg, sources, chance),
  );
  if (values.length < intrinsic.least || values.length > intrinsic.most) {
    throw new AslFailure('States.IntrinsicFailure', `${name} does not take ${values.length} arguments.`);
  }
  return intrinsic.call(values, chance);
}

function evaluate(expression: Expression, sources: Sources, chance: Chance): Json {
  switch (expression.kind) {
    case 'literal':
      return expression.value;
    case 'string':
      return unescaped(expression.raw);
    case 'path':
      return selectArgument(expression.path, sources);
    case 'call':
      return evaluateCall(expression, sources, chance);
  }
}

function selectArgument(path: string, sources: Sources): Json {
  const value = select(path, sources);
  if (value !== undefined) return value;
  throw runtimeFailure(`The JsonPath argument for the field '${pathShown(path)}' ${notFound(sources.input)}`);
}
