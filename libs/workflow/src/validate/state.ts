import type { StateType } from '../definition.js';
import { isObject, typeName } from '../json.js';
import type { Json, JsonObject } from '../model.js';
import { checkAlternatives, checkFields } from './checks.js';
import { checkMap } from './distributed.js';
import { FIELDS } from './fields.js';
import type { Place } from './findings.js';
import { checkTaskResource } from './resource.js';

const isStateType = (type: Json | undefined): type is StateType =>
  typeof type === 'string' && Object.hasOwn(FIELDS, type);

/** What is wrong with one state by itself; the machines inside of it are checked elsewhere. */
export function checkState(state: Json, at: Place): void {
  if (!isObject(state)) {
    at.problem('wrong_type', `A state must be an object, not ${typeName(state)}.`);
    return;
  }
  const { Type } = state;
  if (Type === undefined) at.problem('missing_field', "The field 'Type' is missing.");
  else if (!isStateType(Type)) {
    const known = Object.keys(FIELDS).join(', ');
    at.in('Type').problem('unknown_state_type', `There is no state type ${JSON.stringify(Type)}. Known are ${known}.`);
  } else {
    const place = at.with({ language: languageOf(state, at) });
    checkFields(state, FIELDS[Type], place);
    checkTogether(state, Type, place);
    if ('Next' in FIELDS[Type]) checkEnd(state, place);
  }
}

/** Of the state itself; those inside of it have the machine's again. */
const languageOf = ({ QueryLanguage }: JsonObject, at: Place): 'JSONPath' | 'JSONata' =>
  QueryLanguage === 'JSONata' ? 'JSONata' : at.setting.language;

function checkEnd(state: JsonObject, at: Place): void {
  const [hasNext, ends] = [Object.hasOwn(state, 'Next'), state['End'] === true];
  if (hasNext && ends) at.problem('conflicting_fields', "A state has 'Next' or 'End', not both.");
  if (!hasNext && !ends) at.problem('missing_field', "A state needs 'Next' or 'End': true.");
}

/** The rules between fields. */
function checkTogether(state: JsonObject, type: StateType, at: Place): void {
  switch (type) {
    case 'Task':
      return checkTask(state, at);
    case 'Wait':
      return checkWait(state, at);
    case 'Fail':
      checkAlternatives(state, ['Error', 'ErrorPath'], at);
      return checkAlternatives(state, ['Cause', 'CausePath'], at);
    case 'Map':
      return checkMap(state, at);
    case 'Choice':
      if (!Object.hasOwn(state, 'Default')) {
        at.warn('choice_without_default', 'Without a Default, input that no rule matches fails the execution.');
      }
      return;
    case 'Pass':
      if (Object.hasOwn(state, 'Result') && Object.hasOwn(state, 'Parameters')) {
        at.in('Parameters').warn('ignored_field', "With a 'Result', what 'Parameters' makes is thrown away.");
      }
      return;
    case 'Succeed':
    case 'Parallel':
      return;
  }
}

function checkWait(state: JsonObject, at: Place): void {
  checkAlternatives(state, ['Seconds', 'SecondsPath', 'Timestamp', 'TimestampPath'], at, 'needed');
  checkAgainstMachine(state, 'Seconds', at);
}

function checkTask(state: JsonObject, at: Place): void {
  checkAlternatives(state, ['TimeoutSeconds', 'TimeoutSecondsPath'], at);
  checkAlternatives(state, ['HeartbeatSeconds', 'HeartbeatSecondsPath'], at);
  checkTaskResource(state, at);
  checkAgainstMachine(state, 'TimeoutSeconds', at);
  const { TimeoutSeconds: timeout, HeartbeatSeconds: heartbeat } = state;
  if (typeof timeout === 'number' && typeof heartbeat === 'number' && heartbeat >= timeout) {
    at.in('HeartbeatSeconds').problem('out_of_range', 'HeartbeatSeconds must be smaller than TimeoutSeconds.');
  }
}

function checkAgainstMachine(state: JsonObject, field: string, at: Place): void {
  const [own, machine] = [state[field], at.setting.timeoutSeconds];
  if (typeof own === 'number' && machine !== undefined && own >= machine) {
    at.in(field).warn('longer_than_machine', `The whole machine ends after ${machine} seconds.`);
  }
}
