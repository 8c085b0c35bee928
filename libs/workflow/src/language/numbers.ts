import type { Json } from '../model.js';
import type { Scene } from '../scene.js';
import type { Given, QueryLanguage } from './language.js';

export interface Range {
  readonly least: number;
  readonly most: number;
  /** What is wanted, in words: 'a positive integer'. */
  readonly wanted: string;
  /** A fraction will do. */
  readonly fraction?: true;
}

/** A field that is a number, checked; `undefined` if the state does not have it. */
export function numberGiven(
  language: QueryLanguage,
  scene: Scene,
  [fields, name]: readonly [object, string],
  input: Json,
  range: Range,
): number | undefined {
  const given = language.given(scene, fields, name, input);
  return given && numberIn(given, range);
}

export function numberIn(given: Given, { least, most, wanted, fraction }: Range): number {
  const { value } = given;
  const isRight =
    typeof value === 'number' && value >= least && value <= most && (fraction === true || Number.isInteger(value));
  if (!isRight) throw given.wrong(wanted, 'number');
  return value;
}

export function textIn(given: Given): string {
  if (typeof given.value !== 'string') throw given.wrong('a string', 'string');
  return given.value;
}
