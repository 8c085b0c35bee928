import { AslFailure, runtimeFailure } from './failure.js';
import type { Chance } from './intrinsics/chance.js';
import { evaluateIntrinsic, isIntrinsic } from './intrinsics/evaluate.js';
import { notFound, pathShown } from './intrinsics/not-found.js';
import { javaOrder } from './java-order.js';
import { isObject, typeName } from './json.js';
import { withinLimits } from './limits.js';
import type { Json, JsonObject } from './model.js';
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
    fieldsOf(template).map(({ name, key }) => {
      const value = template[key] as Json;
      return [name, name === key ? fillValue(value, sources, chance) : selected(key, value, sources, chance)];
    }),
  );
}

/** A member of what comes out, and where it stands in the template. */
interface Field {
  readonly name: string;
  readonly key: string;
}

const fields = new WeakMap<JsonObject, readonly Field[]>();

/** As AWS orders them, which texts and hashes made of the object show: constants first, then what is selected by Java's hash. */
function fieldsOf(template: JsonObject): readonly Field[] {
  const known = fields.get(template);
  if (known) return known;
  const constants = Object.keys(template).filter((key) => !key.endsWith('.$'));
  const dynamic = Object.keys(template).flatMap((key) => (key.endsWith('.$') ? [key.slice(0, -2)] : []));
  const found = [
    ...constants.map((key) => ({ name: key, key })),
    ...javaOrder(dynamic).map((name) => ({ name, key: `${name}.$` })),
  ];
  fields.set(template, found);
  return found;
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
