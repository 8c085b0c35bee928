import { AslFailure, runtimeFailure } from '../failure.js';
import type { QueryLanguage } from '../language/language.js';
import { numberGiven, type Range } from '../language/numbers.js';
import { member } from '../json.js';
import type { Json, JsonObject } from '../model.js';
import type { Scene } from '../scene.js';

interface Rule extends Range {
  /** Makes the failure for a number that is out of range, in AWS's words. */
  outOfRange(value: number): AslFailure;
  /** Makes the failure for what is no number. */
  fails(cause: string): AslFailure;
}

const COUNT = { least: 0, most: Number.MAX_SAFE_INTEGER, wanted: 'a non-negative integer' };

/** The numbers of a Map state, by their field. */
const RULES = {
  MaxConcurrency: {
    ...COUNT,
    outOfRange: (value) => runtimeFailure(`Expected non-negative integer for MaxConcurrency, got '${value}' instead.`),
    fails: runtimeFailure,
  },
  ToleratedFailureCount: {
    ...COUNT,
    outOfRange: () => runtimeFailure('ToleratedFailureCount cannot be negative.'),
    fails: runtimeFailure,
  },
  ToleratedFailurePercentage: {
    least: 0,
    most: 100,
    fraction: true,
    wanted: 'a number from 0 to 100',
    outOfRange: () => runtimeFailure('ToleratedFailurePercentage must be between 0 and 100.'),
    fails: runtimeFailure,
  },
  MaxItems: {
    ...COUNT,
    outOfRange: () => new AslFailure('States.ItemReaderFailed', 'field MaxItems must be positive'),
    fails: (cause) => new AslFailure('States.ItemReaderFailed', cause),
  },
  MaxItemsPerBatch: {
    ...COUNT,
    outOfRange: () => runtimeFailure('MaxItemsPerBatch cannot be negative.'),
    fails: runtimeFailure,
  },
  MaxInputBytesPerBatch: {
    ...COUNT,
    outOfRange: () => runtimeFailure('MaxInputBytesPerBatch cannot be negative.'),
    fails: runtimeFailure,
  },
} satisfies Record<string, Rule>;

/** `X`, or what `XPath` refers to: text of an integer counts as one there. */
export function mapNumber(
  language: QueryLanguage,
  scene: Scene,
  fields: object,
  name: keyof typeof RULES,
  input: Json,
): number | undefined {
  const rule: Rule = RULES[name];
  const path = member(fields as JsonObject, `${name}Path`);
  if (typeof path !== 'string') return numberGiven(language, scene, [fields, name], input, rule);
  const value = numeric(language.given(scene, fields, name, input)?.value ?? null);
  if (typeof value !== 'number' || !(rule.fraction || Number.isInteger(value))) {
    const shown = typeof value === 'string' ? value : JSON.stringify(value);
    const kind = rule.fraction ? 'float' : 'integer';
    throw rule.fails(
      `The ${name}Path field refers to value "${shown.slice(0, 1000)}" which is not a valid ${kind}: ${path}`,
    );
  }
  if (value < rule.least || value > rule.most) throw rule.outOfRange(value);
  return value;
}

const numeric = (value: Json): Json =>
  typeof value === 'string' && /^-?\d{1,15}$/.test(value) ? Number(value) : value;
