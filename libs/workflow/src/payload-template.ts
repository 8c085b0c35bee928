import { AslFailure, runtimeFailure } from './failure.js';
import type { Chance } from './intrinsics/chance.js';
import { evaluateIntrinsic, isIntrinsic } from './intrinsics/evaluate.js';
import { notFound, pathShown } from './intrinsics/not-found.js';
import { isObject, typeName } from './json.js';
import { withinLimits } from './limits.js';
import type { Json } from './model.js';
import { isPastTheEnd, refuseNull, type Sources, select } from './paths/select.js';

type Around = Chance & { readonly maxDataBytes?: number };

/** For templates outside a state machine that are given no randomness. */
const NO_CHANCE: Chance = { random: refuseChance, uuid: refuseChance };

/** A payload template (Parameters, ResultSelector, ItemSelector) over an input. Throws `AslFailure`. */
export function evaluatePayloadTemplate(
  template: Json,
  input: Json,
  context: Json = {},
  around: Partial<Around> = {},
): Json {
  withinLimits(template, 'The payload template');
  return fill(template, { input, context: () => context }, { ...NO_CHANCE, ...around });
}

/** Each field `x.$` becomes `x`, with what its path or intrinsic function gives. */
export function fill(template: Json, sources: Sources, around: Around): Json {
  return withinLimits(fillValue(template, sources, around), 'The value of a payload template', around.maxDataBytes);
}

function fillValue(template: Json, sources: Sources, chance: Chance): Json {
  if (Array.isArray(template)) return template.map((item) => fillValue(item, sources, chance));
  if (!isObject(template)) return template;
  return Object.fromEntries(
    Object.entries(template).map(([key, value]) =>
      key.endsWith('.$')
        ? [key.slice(0, -2), selected(key, value, sources, chance)]
        : [key, fillValue(value, sources, chance)],
    ),
  );
}

function selected(key: string, text: Json, sources: Sources, chance: Chance): Json {
  if (typeof text !== 'string') throw failure(`The field '${key}' must be a string, not ${typeName(text)}.`);
  if (isIntrinsic(text)) return evaluateIntrinsic(text, sources, chance);
  if (/^\$(?:[.[]|$)/.test(text)) refuseNull(sources.input);
  const value = select(text, sources);
  if (value !== undefined) return value;
  if (isPastTheEnd(text, sources)) return null;
  const searched = text.startsWith('$$') ? sources.context() : sources.input;
  throw runtimeFailure(`The JSONPath '${pathShown(text)}' specified for the field '${key}' ${notFound(searched)}`);
}

const failure = (cause: string): AslFailure => new AslFailure('States.ParameterPathFailure', cause);

function refuseChance(): never {
  throw new AslFailure('States.IntrinsicFailure', 'Random values are not available here.');
}
