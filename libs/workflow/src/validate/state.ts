import type { StateType } from '../definition.js';
import { isObject, typeName } from '../json.js';
import type { Json, JsonObject } from '../model.js';
import {
  anything,
  checkAlternatives,
  checkFields,
  definitePath,
  type Fields,
  flag,
  integer,
  oneOf,
  path,
  pathOrNull,
  referencePathOrNull,
  required,
  text,
  timestamp,
  unsupported,
} from './checks.js';
import { choices } from './choice.js';
import { catchers, retriers } from './errors.js';
import type { Place } from './findings.js';
import { checkInvocation, resource } from './resource.js';
import { objectTemplate, selector, template } from './template.js';

const MAX_SECONDS = 99_999_999;

const LATER: Fields = Object.fromEntries([
  ...['Arguments', 'Output', 'Items'].map((name) => [name, unsupported(`${name} (JSONata)`)]),
  ['Assign', unsupported('Assign (variables)')],
]);
export const QUERY_LANGUAGE: Fields = {
  QueryLanguage: (value, at) => {
    if (value === 'JSONata') at.problem('unsupported', "QueryLanguage 'JSONata' is not supported yet: use 'JSONPath'.");
    else oneOf('JSONPath')(value, at);
  },
};
const COMMON: Fields = { Type: text, Comment: text, ...QUERY_LANGUAGE, ...LATER };
const PIPED: Fields = { ...COMMON, InputPath: pathOrNull, OutputPath: pathOrNull };
const MOVING: Fields = { ...PIPED, Next: text, End: flag };
const WORKING: Fields = {
  ...MOVING,
  ResultSelector: objectTemplate,
  ResultPath: referencePathOrNull,
  Retry: retriers,
  Catch: catchers,
};
const DISTRIBUTED = [
  'ItemReader',
  'ItemBatcher',
  'ResultWriter',
  'ToleratedFailureCount',
  'ToleratedFailureCountPath',
  'ToleratedFailurePercentage',
  'ToleratedFailurePercentagePath',
];

const FIELDS: Record<StateType, Fields> = {
  Task: {
    ...WORKING,
    Resource: required(resource),
    Parameters: template,
    Credentials: anything,
    TimeoutSeconds: integer(1, MAX_SECONDS),
    TimeoutSecondsPath: definitePath,
    HeartbeatSeconds: integer(1, MAX_SECONDS),
    HeartbeatSecondsPath: definitePath,
  },
  Pass: { ...MOVING, Parameters: template, Result: anything, ResultPath: referencePathOrNull },
  Choice: { ...PIPED, Choices: required(choices), Default: text },
  Wait: {
    ...MOVING,
    Seconds: integer(0, MAX_SECONDS),
    SecondsPath: definitePath,
    Timestamp: timestamp,
    TimestampPath: definitePath,
  },
  Succeed: PIPED,
  Fail: { ...COMMON, Error: text, ErrorPath: selector, Cause: text, CausePath: selector },
  Parallel: { ...WORKING, Parameters: template, Branches: required(anything) },
  Map: {
    ...WORKING,
    Parameters: template,
    ItemsPath: path,
    ItemSelector: template,
    ItemProcessor: anything,
    Iterator: anything,
    MaxConcurrency: integer(0, MAX_SECONDS),
    MaxConcurrencyPath: definitePath,
    Label: text,
    ...Object.fromEntries(DISTRIBUTED.map((name) => [name, unsupported(`${name} (distributed Map)`)])),
  },
};

export const isStateType = (type: Json | undefined): type is StateType =>
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
    checkFields(state, FIELDS[Type], at);
    checkTogether(state, Type, at);
    if ('Next' in FIELDS[Type]) checkEnd(state, at);
  }
}

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
      return checkAlternatives(state, ['Seconds', 'SecondsPath', 'Timestamp', 'TimestampPath'], at, 'needed');
    case 'Fail':
      checkAlternatives(state, ['Error', 'ErrorPath'], at);
      return checkAlternatives(state, ['Cause', 'CausePath'], at);
    case 'Map':
      checkAlternatives(state, ['ItemSelector', 'Parameters'], at);
      checkAlternatives(state, ['MaxConcurrency', 'MaxConcurrencyPath'], at);
      return checkAlternatives(state, ['ItemProcessor', 'Iterator'], at, 'needed');
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

function checkTask(state: JsonObject, at: Place): void {
  checkAlternatives(state, ['TimeoutSeconds', 'TimeoutSecondsPath'], at);
  checkAlternatives(state, ['HeartbeatSeconds', 'HeartbeatSecondsPath'], at);
  checkInvocation(state, at);
  const { TimeoutSeconds: timeout, HeartbeatSeconds: heartbeat } = state;
  if (typeof timeout === 'number' && typeof heartbeat === 'number' && heartbeat >= timeout) {
    at.in('HeartbeatSeconds').problem('out_of_range', 'HeartbeatSeconds must be smaller than TimeoutSeconds.');
  }
}
