import type { StateType } from '../definition.js';
import {
  anything,
  atMost,
  type Check,
  definitePath,
  type Fields,
  flag,
  inJsonata,
  inJsonPath,
  integer,
  oneOf,
  orExpression,
  path,
  pathOrNull,
  referencePathOrNull,
  required,
  text,
  timestamp,
} from './checks.js';
import { choices } from './choice.js';
import { itemBatcher, itemReader, items, label, resultWriter } from './distributed.js';
import { catchers, retriers } from './errors.js';
import { resource } from './resource.js';
import { objectTemplate, selector, template } from './template.js';
import { assign } from './variables.js';

const MAX_SECONDS = 99_999_999;

/** A state may turn to JSONata, but not back from it. */
const queryLanguage: Check = (value, at) => {
  if (value === 'JSONPath' && at.setting.language === 'JSONata') {
    at.problem('wrong_query_language', 'The machine is in JSONata, so no state of it can be in JSONPath.');
  } else oneOf('JSONPath', 'JSONata')(value, at);
};
/** Checked where the state's own language is not yet in force. */
export const MACHINE_LANGUAGE: Fields = { QueryLanguage: oneOf('JSONPath', 'JSONata') };

/** Of a state that has work done: there is a result to speak of. */
const ofResult =
  (check: Check): Check =>
  (value, at) =>
    check(value, at.with({ available: 'result' }));

const seconds = orExpression(integer(1, MAX_SECONDS));
const secondsPath = inJsonPath(definitePath, "an expression in the field without 'Path'");
const words = orExpression(text);

const COMMON: Fields = { Type: text, Comment: text, QueryLanguage: queryLanguage };
const PIPED: Fields = {
  ...COMMON,
  InputPath: inJsonPath(pathOrNull, 'Arguments'),
  OutputPath: inJsonPath(pathOrNull, 'Output'),
  Output: inJsonata(template, 'ResultSelector, ResultPath and OutputPath'),
};
const MOVING: Fields = { ...PIPED, Assign: assign, Next: text, End: flag };
const PARAMETERS: Fields = { Parameters: inJsonPath(template, 'Arguments') };
const RESULT_PATH: Fields = { ResultPath: inJsonPath(referencePathOrNull, 'Output') };
const WORKING: Fields = {
  ...MOVING,
  ...PARAMETERS,
  ...RESULT_PATH,
  ResultSelector: inJsonPath(objectTemplate, 'Output'),
  Output: inJsonata(ofResult(template), 'ResultSelector, ResultPath and OutputPath'),
  Assign: ofResult(assign),
  Retry: retriers,
  Catch: catchers,
};
const ARGUMENTS: Fields = { Arguments: inJsonata(template, 'Parameters') };
const orPath = (name: string, check: Check): Fields => ({
  [name]: orExpression(check),
  [`${name}Path`]: inJsonPath(definitePath, `an expression in ${name}`),
});

export const FIELDS: Record<StateType, Fields> = {
  Task: {
    ...WORKING,
    ...ARGUMENTS,
    Resource: required(resource),
    Credentials: anything,
    TimeoutSeconds: seconds,
    TimeoutSecondsPath: secondsPath,
    HeartbeatSeconds: seconds,
    HeartbeatSecondsPath: secondsPath,
  },
  Pass: { ...MOVING, ...PARAMETERS, ...RESULT_PATH, Result: inJsonPath(anything, 'Output') },
  Choice: { ...PIPED, Assign: assign, Choices: required(choices), Default: text },
  Wait: { ...MOVING, ...orPath('Seconds', integer(0, MAX_SECONDS)), ...orPath('Timestamp', timestamp) },
  Succeed: PIPED,
  Fail: {
    ...COMMON,
    Error: words,
    ErrorPath: inJsonPath(selector, 'an expression in Error'),
    Cause: words,
    CausePath: inJsonPath(selector, 'an expression in Cause'),
  },
  Parallel: { ...WORKING, ...ARGUMENTS, Branches: required(anything) },
  Map: {
    ...WORKING,
    ItemsPath: inJsonPath(path, 'Items'),
    Items: inJsonata(items, 'ItemsPath'),
    ItemSelector: template,
    ItemProcessor: anything,
    Iterator: inJsonPath(anything, 'ItemProcessor'),
    ...orPath('MaxConcurrency', integer(0, 2 ** 63)),
    ItemReader: itemReader,
    ItemBatcher: itemBatcher,
    ResultWriter: resultWriter,
    ...orPath('ToleratedFailureCount', integer(0, MAX_SECONDS)),
    ...orPath('ToleratedFailurePercentage', atMost(0, 100)),
    Label: label,
  },
};
