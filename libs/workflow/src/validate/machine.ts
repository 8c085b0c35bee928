import { isObject, typeName } from '../json.js';
import type { Json, JsonObject } from '../model.js';
import { type Check, checkFields, type Fields, integer, object, oneOf, required, text } from './checks.js';
import type { Place } from './findings.js';
import { checkGraph } from './graph.js';
import { checkState, QUERY_LANGUAGE } from './state.js';

const MAX_NAME_LENGTH = 80;

const INNER: Fields = { Comment: text, StartAt: required(text), States: required(object), ...QUERY_LANGUAGE };
const ROOT: Fields = { ...INNER, TimeoutSeconds: integer(1, 99_999_999), Version: oneOf('1.0') };

const processorConfig: Check = (value, at) => {
  if (!isObject(value)) at.problem('wrong_type', `It must be an object, not ${typeName(value)}.`);
  else if (value['Mode'] === 'DISTRIBUTED')
    at.in('Mode').problem('unsupported', 'A distributed Map is not supported yet.');
  else checkFields(value, { Mode: oneOf('INLINE') }, at);
};
const PROCESSOR: Fields = { ...INNER, ProcessorConfig: processorConfig };

/** A machine and those inside of it. State names are unique in all of them together, so `names` is passed down. */
export function checkRoot(machine: JsonObject, at: Place): void {
  checkMachine(machine, at, ROOT, new Set());
}

function checkMachine(machine: Json, at: Place, fields: Fields, names: Set<string>): void {
  if (!isObject(machine)) {
    at.problem('not_an_object', `A state machine must be an object, not ${typeName(machine)}.`);
    return;
  }
  checkFields(machine, fields, at);
  const { States } = machine;
  if (!isObject(States)) return;
  if (Object.keys(States).length === 0) at.in('States').problem('out_of_range', 'At least one state is needed.');
  for (const [name, state] of Object.entries(States)) {
    const place = at.in('States', name);
    checkName(name, place, names);
    checkState(state, place);
    if (isObject(state)) checkInside(state, place, names);
  }
  checkGraph(machine['StartAt'], States, at);
}

function checkName(name: string, at: Place, names: Set<string>): void {
  if (name.trim() === '' || name.length > MAX_NAME_LENGTH) {
    at.problem('invalid_state_name', `A state's name has 1 to ${MAX_NAME_LENGTH} characters.`);
  }
  if (names.has(name)) at.problem('duplicate_state_name', `Another machine of this definition has a state '${name}'.`);
  names.add(name);
}

function checkInside(state: JsonObject, at: Place, names: Set<string>): void {
  if (state['Type'] === 'Parallel' && state['Branches'] !== undefined) {
    checkBranches(state['Branches'], at.in('Branches'), names);
  }
  if (state['Type'] !== 'Map') return;
  for (const key of ['ItemProcessor', 'Iterator']) {
    if (state[key] !== undefined) checkMachine(state[key], at.in(key), PROCESSOR, names);
  }
}

function checkBranches(branches: Json, at: Place, names: Set<string>): void {
  if (!Array.isArray(branches)) at.problem('wrong_type', `It must be an array of machines, not ${typeName(branches)}.`);
  else if (branches.length === 0) at.problem('out_of_range', 'At least one branch is needed.');
  else branches.forEach((branch, index) => checkMachine(branch, at.in(index), INNER, names));
}
