import { isObject, typeName } from '../json.js';
import type { JsonObject } from '../model.js';
import type { Check } from './checks.js';
import type { Place } from './findings.js';

const LAMBDA_INVOKE = 'arn:aws:states:::lambda:invoke';
const FORMS = [
  /^function:[A-Za-z0-9][\w.-]{0,127}(:(\d{1,9}|\$LATEST))?$/,
  /^arn:aws[a-z-]*:lambda:[a-z0-9-]*:\d*:function:[A-Za-z0-9][\w.-]{0,127}(:[\w$-]{1,128})?$/,
  /^topic:[\w.-]{1,249}$/,
];

export const resource: Check = (value, at) => {
  if (typeof value !== 'string') at.problem('wrong_type', `It must be a string, not ${typeName(value)}.`);
  else if (value !== LAMBDA_INVOKE && !FORMS.some((form) => form.test(value))) {
    at.problem(
      'unknown_resource',
      `'${value}' is no resource: it must be function:NAME[:VERSION], topic:NAME, the ARN of a Lambda function or ${LAMBDA_INVOKE}.`,
    );
  }
};

/** `lambda:invoke` says in its Parameters which function it means. */
export function checkInvocation({ Resource, Parameters }: JsonObject, at: Place): void {
  if (Resource !== LAMBDA_INVOKE) return;
  const hasName =
    isObject(Parameters) && ['FunctionName', 'FunctionName.$'].some((name) => Object.hasOwn(Parameters, name));
  if (!hasName) at.problem('missing_field', `${LAMBDA_INVOKE} needs Parameters with a 'FunctionName'.`);
}
