import { isObject, typeName } from '../json.js';
import type { Json, JsonObject } from '../model.js';
import type { Check } from './checks.js';
import type { Names, Place } from './findings.js';
import { template } from './template.js';

/** Unicode's default identifiers, and AWS's limit on their length. */
const NAME = /^[\p{ID_Start}_][\p{ID_Continue}]{0,79}$/u;

/** `Assign`: its names, and what they are given. */
export const assign: Check = (value, at) => {
  if (!isObject(value)) {
    at.problem('wrong_type', `It must be an object of variables, not ${typeName(value)}.`);
    return;
  }
  for (const name of namesIn(value, at)) {
    const place = at.in(name in value ? name : `${name}.$`);
    if (name === 'states') place.problem('invalid_variable_name', "'states' is reserved: $states is not a variable.");
    else if (!NAME.test(name)) {
      const rule = 'a letter or _, then letters, digits and _, 80 in all at most';
      place.problem('invalid_variable_name', `'${name}' is no name for a variable: ${rule}.`);
    }
  }
  template(value, at);
};

const namesIn = (value: JsonObject, at: Place): string[] =>
  Object.keys(value).map((key) => (at.setting.language === 'JSONPath' ? key.replace(/\.\$$/, '') : key));

export interface Assignment {
  readonly name: string;
  readonly at: Place;
}

/** The variables that the states of one machine assign, without those of the machines inside of it. */
export function assignmentsIn(states: JsonObject, at: Place): Assignment[] {
  return Object.entries(states).flatMap(([name, state]) => (isObject(state) ? assignmentsOf(state, at.in(name)) : []));
}

function assignmentsOf(state: JsonObject, at: Place): Assignment[] {
  const within = (field: string): Assignment[] => {
    const list = state[field];
    if (!Array.isArray(list)) return [];
    return list.flatMap((entry, index) => (isObject(entry) ? namesAt(entry, at.in(field, index)) : []));
  };
  return [...namesAt(state, at), ...within('Choices'), ...within('Catch')];
}

/** The names in a state's, rule's or catcher's `Assign`. */
export const namesAssigned = ({ Assign }: JsonObject): string[] =>
  isObject(Assign) ? Object.keys(Assign).map((key) => key.replace(/\.\$$/, '')) : [];

function namesAt({ Assign }: JsonObject, at: Place): Assignment[] {
  if (!isObject(Assign)) return [];
  return Object.keys(Assign).map((key) => ({ name: key.replace(/\.\$$/, ''), at: at.in('Assign', key) }));
}

/** An inner machine may not have variables of the names that are set when control comes to it. */
export function checkShadowing(assignments: readonly Assignment[], set: Names): void {
  for (const { name, at } of assignments) {
    if (set.has(name)) at.problem('duplicate_variable', `The machine around this one has set a variable '${name}'.`);
  }
}

/** A variable that no text of the definition names. */
export function checkUse(assignments: readonly Assignment[], definition: Json): void {
  if (assignments.length === 0) return;
  const mentioned = new Set<string>();
  collectMentions(definition, mentioned);
  const seen = new Set<string>();
  for (const { name, at } of assignments) {
    if (!mentioned.has(name) && !seen.has(name)) at.warn('unused_variable', `Nothing uses the variable '${name}'.`);
    seen.add(name);
  }
}

function collectMentions(value: Json, into: Set<string>): void {
  if (typeof value === 'string') {
    for (const [, name] of value.matchAll(/\$([\p{ID_Start}_][\p{ID_Continue}]*)/gu)) into.add(name as string);
  } else if (Array.isArray(value)) for (const item of value) collectMentions(item, into);
  else if (isObject(value)) for (const item of Object.values(value)) collectMentions(item, into);
}
