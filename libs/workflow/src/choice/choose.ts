import type { Chosen } from '../language/language.js';
import type { ChoiceState, Comparison } from '../definition.js';
import { type AslFailure, runtimeFailure } from '../failure.js';
import { member } from '../json.js';
import type { Json } from '../model.js';
import { type Sources, select } from '../paths/select.js';
import { OPERATORS, pathOperator, TYPE_TESTS } from './operators.js';

/** The first rule that matches, else the default. AWS documents States.NoChoiceMatched and gives States.Runtime. */
export function choose({ Choices, Default }: ChoiceState, sources: Sources): Chosen {
  const index = Choices.findIndex((candidate) => holds(candidate, sources));
  const rule = Choices[index];
  if (rule) return { next: rule.Next, rule, index };
  if (Default !== undefined) return { next: Default };
  throw runtimeFailure(NO_NEXT_STATE);
}

/** In AWS's words. */
export const NO_NEXT_STATE = 'Failed to transition out of the state. The state does not point to a next state.';

function holds(rule: Comparison, sources: Sources): boolean {
  if (rule.And) return rule.And.every((inner) => holds(inner, sources));
  if (rule.Or) return rule.Or.some((inner) => holds(inner, sources));
  if (rule.Not) return !holds(rule.Not, sources);
  return compare(rule, sources);
}

function compare(rule: Comparison, sources: Sources): boolean {
  const path = rule.Variable as string; // The validator has checked that a comparison has one.
  const value = select(path, sources);
  for (const [name, operand] of Object.entries(rule)) {
    const typeTest = member(TYPE_TESTS, name);
    if (typeTest && (name === 'IsPresent' || value !== undefined)) return typeTest(value) === operand;
    const operator = member(OPERATORS, pathOperator(name) ?? name);
    if (operator) return operator.matches(found(value, path), operandOf(name, operand as Json, sources));
  }
  throw missing(path);
}

const operandOf = (name: string, operand: Json, sources: Sources): Json =>
  pathOperator(name) === undefined ? operand : found(select(operand as string, sources), operand as string);

function found(value: Json | undefined, path: string): Json {
  if (value === undefined) throw missing(path);
  return value;
}

const missing = (path: string): AslFailure =>
  runtimeFailure(`Invalid path '${path}': The choice state's condition path references an invalid value.`);
