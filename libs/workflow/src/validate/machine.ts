import { isObject, typeName } from '../json.js';
import type { Json, JsonObject } from '../model.js';
import { checkFields, type Fields, integer, object, oneOf, required, text } from './checks.js';
import { isDistributedMap, processorConfig } from './distributed.js';
import { MACHINE_LANGUAGE } from './fields.js';
import { eitherOf, type Place } from './findings.js';
import { checkEnd, checkGraph } from './graph.js';
import { checkState } from './state.js';
import { VariablesBefore } from './variables-before.js';
import { type Assignment, assignmentsIn, checkShadowing, checkUse } from './variables.js';

const MAX_NAME_LENGTH = 80;

const INNER: Fields = { Comment: text, StartAt: required(text), States: required(object) };
const ROOT: Fields = { ...INNER, ...MACHINE_LANGUAGE, TimeoutSeconds: integer(1, 99_999_999), Version: oneOf('1.0') };
const PROCESSOR: Fields = { ...INNER, ProcessorConfig: processorConfig };

/** What must be told apart in the machine and all those inside of it together. */
interface Census {
  readonly names: Set<string>;
  readonly labels: Set<string>;
  readonly assignments: Assignment[];
}

/** A machine and those inside of it. */
export function checkRoot(machine: JsonObject, at: Place): void {
  const census: Census = { names: new Set(), labels: new Set(), assignments: [] };
  const timeout = machine['TimeoutSeconds'];
  const place = typeof timeout === 'number' ? at.with({ timeoutSeconds: timeout }) : at;
  checkMachine(machine, place, ROOT, census);
  checkUse(census.assignments, machine);
}

function checkMachine(machine: Json, outside: Place, fields: Fields, census: Census): void {
  if (!isObject(machine)) {
    outside.problem('not_an_object', `A state machine must be an object, not ${typeName(machine)}.`);
    return;
  }
  const isJsonata = fields === ROOT && machine['QueryLanguage'] === 'JSONata';
  const at = isJsonata ? outside.with({ language: 'JSONata' }) : outside;
  checkFields(machine, fields, at);
  const { States } = machine;
  if (!isObject(States)) return;
  if (Object.keys(States).length === 0) at.in('States').problem('out_of_range', 'At least one state is needed.');
  const assignments = assignmentsIn(States, at.in('States'));
  checkShadowing(assignments, outside.setting.set);
  census.assignments.push(...assignments);
  const variables = eitherOf(new Set(assignments.map(({ name }) => name)), outside.setting.variables);
  const before = new VariablesBefore(States);
  for (const [name, state] of Object.entries(States)) {
    const place = at.in('States', name).with({ variables });
    checkName(name, place, census);
    checkState(state, place);
    if (!isObject(state) || (state['Type'] !== 'Parallel' && state['Type'] !== 'Map')) continue;
    checkInside(state, place.with({ set: eitherOf(before.of(name), outside.setting.set) }), census);
  }
  checkGraph(machine['StartAt'], States, at);
  checkEnd(States, at, fields === ROOT);
}

function checkName(name: string, at: Place, { names }: Census): void {
  if (name.trim() === '' || name.length > MAX_NAME_LENGTH) {
    at.problem('invalid_state_name', `A state's name has 1 to ${MAX_NAME_LENGTH} characters.`);
  }
  if (names.has(name)) at.problem('duplicate_state_name', `Another machine of this definition has a state '${name}'.`);
  names.add(name);
}

function checkInside(state: JsonObject, at: Place, census: Census): void {
  if (state['Type'] === 'Parallel' && state['Branches'] !== undefined) {
    checkBranches(state['Branches'], at.in('Branches'), census);
  }
  if (state['Type'] !== 'Map') return;
  checkLabel(state['Label'], at.in('Label'), census);
  // The executions of a distributed Map are others: they see no variables of this one.
  const inside = isDistributedMap(state) ? at.with({ variables: new Set(), set: new Set() }) : at;
  for (const key of ['ItemProcessor', 'Iterator']) {
    if (state[key] !== undefined) checkMachine(state[key], inside.in(key), PROCESSOR, census);
  }
}

function checkLabel(label: Json | undefined, at: Place, { labels }: Census): void {
  if (typeof label !== 'string') return;
  if (labels.has(label))
    at.problem('duplicate_label', `Another Map state of this definition has the label '${label}'.`);
  labels.add(label);
}

function checkBranches(branches: Json, at: Place, census: Census): void {
  if (!Array.isArray(branches)) at.problem('wrong_type', `It must be an array of machines, not ${typeName(branches)}.`);
  else if (branches.length === 0) at.problem('out_of_range', 'At least one branch is needed.');
  else branches.forEach((branch, index) => checkMachine(branch, at.in(index), INNER, census));
}
