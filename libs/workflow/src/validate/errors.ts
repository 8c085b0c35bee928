import { isObject, typeName } from '../json.js';
import type { Json } from '../model.js';
import { matchesError } from '../retry.js';
import {
  atLeast,
  type Check,
  checkFields,
  type Fields,
  inJsonata,
  inJsonPath,
  integer,
  oneOf,
  referencePathOrNull,
  required,
  text,
} from './checks.js';
import type { Place } from './findings.js';
import { template } from './template.js';
import { assign } from './variables.js';

const MAX_COUNT = 99_999_999;
const MAX_DELAY_SECONDS = 31_622_400;
const RESERVED = new Set(
  ['ALL', 'BranchFailed', 'DataLimitExceeded', 'ExceedToleratedFailureThreshold', 'HeartbeatTimeout', 'Http.Socket']
    .concat(['IntrinsicFailure', 'ItemReaderFailed', 'NoChoiceMatched', 'ParameterPathFailure', 'Permissions'])
    .concat([
      'ReferencePathConflict',
      'ResultPathMatchFailure',
      'ResultWriterFailed',
      'Runtime',
      'TaskFailed',
      'Timeout',
      'QueryEvaluationError',
    ])
    .map((name) => `States.${name}`),
);

const errorNames: Check = (value, at) => {
  if (!Array.isArray(value)) at.problem('wrong_type', `It must be an array of error names, not ${typeName(value)}.`);
  else if (value.length === 0) at.problem('invalid_error_names', 'At least one error name is needed.');
  else {
    value.forEach((name, index) => text(name, at.in(index)));
    if (value.includes('States.ALL') && value.length > 1) {
      at.problem('invalid_error_names', "'States.ALL' must be the only error name where it stands.");
    }
  }
};

const RETRIER: Fields = {
  Comment: text,
  ErrorEquals: required(errorNames),
  IntervalSeconds: integer(1, MAX_COUNT),
  MaxAttempts: integer(0, MAX_COUNT),
  BackoffRate: atLeast(1),
  MaxDelaySeconds: integer(1, MAX_DELAY_SECONDS),
  JitterStrategy: oneOf('FULL', 'NONE'),
};
const ofError =
  (check: Check): Check =>
  (value, at) =>
    check(value, at.with({ available: 'errorOutput' }));
const CATCHER: Fields = {
  Comment: text,
  ErrorEquals: required(errorNames),
  Next: required(text),
  ResultPath: inJsonPath(referencePathOrNull, 'Output'),
  Assign: ofError(assign),
  Output: inJsonata(ofError(template), 'ResultPath'),
};

const handlers =
  (fields: Fields): Check =>
  (value, at) => {
    if (!Array.isArray(value)) {
      at.problem('wrong_type', `It must be an array, not ${typeName(value)}.`);
      return;
    }
    const handled = new Set<string>();
    value.forEach((handler, index) => {
      const place = at.in(index);
      if (!isObject(handler)) place.problem('wrong_type', `It must be an object, not ${typeName(handler)}.`);
      else {
        checkFields(handler, fields, place);
        checkDelays(handler['IntervalSeconds'], handler['MaxDelaySeconds'], place);
        checkNames(handler['ErrorEquals'], { handled, isLast: index === value.length - 1 }, place.in('ErrorEquals'));
      }
    });
  };

export const retriers = handlers(RETRIER);
export const catchers = handlers(CATCHER);

function checkDelays(interval: Json | undefined, most: Json | undefined, at: Place): void {
  if (typeof most !== 'number' || most > (typeof interval === 'number' ? interval : 1)) return;
  at.in('MaxDelaySeconds').problem('out_of_range', 'MaxDelaySeconds must be greater than IntervalSeconds.');
}

/** Entries are tried in order, so a later one for the same error is never reached. */
function checkNames(
  names: Json | undefined,
  { handled, isLast }: { handled: Set<string>; isLast: boolean },
  at: Place,
): void {
  if (!Array.isArray(names)) return;
  if (names.includes('States.ALL') && !isLast) {
    at.problem('invalid_error_names', "The entry for 'States.ALL' must be the last one.");
  }
  for (const [index, name] of names.entries()) {
    if (typeof name !== 'string') continue;
    const place = at.in(index);
    const before = handled.has(name) ? name : [...handled].find((other) => matchesError([other], name));
    if (before !== undefined) {
      const how = before === name ? '' : `, as '${before}' matches it`;
      place.warn('error_already_handled', `An earlier entry handles '${name}' already${how}.`);
    }
    if (name === 'States.Runtime') {
      place.warn('error_never_handled', "'States.Runtime' always fails the execution: no entry handles it.");
    } else if (name.startsWith('States.') && !RESERVED.has(name)) {
      place.warn('unknown_error_name', `'${name}' is not an error of the States Language.`);
    }
    handled.add(name);
  }
}
