import { isIntrinsic } from '../intrinsics/evaluate.js';
import { type Expression, IntrinsicSyntaxError, parseIntrinsic } from '../intrinsics/parse.js';
import { INTRINSICS } from '../intrinsics/table.js';
import { isObject, member, typeName } from '../json.js';
import { type Check, path } from './checks.js';
import { expression, looksLikeExpression } from './expression.js';
import type { Place } from './findings.js';

/** What is filled in when the state runs: a payload template of JSONPath, or JSON with expressions of JSONata. */
export const template: Check = (value, at) => {
  if (at.setting.language === 'JSONata') expressions(value, at);
  else payloadTemplate(value, at);
};

/** What its `.$` fields hold can be read. */
export const payloadTemplate: Check = (value, at) => {
  if (Array.isArray(value)) value.forEach((item, index) => payloadTemplate(item, at.in(index)));
  if (!isObject(value)) return;
  for (const [key, content] of Object.entries(value)) {
    if (!key.endsWith('.$')) payloadTemplate(content, at.in(key));
    else {
      selector(content, at.in(key));
      const name = key.slice(0, -2);
      if (Object.hasOwn(value, name)) {
        at.in(key).problem('conflicting_fields', `'${key}' and '${name}' would give the same field.`);
      }
    }
  }
};

const expressions: Check = (value, at) => {
  if (typeof value === 'string') {
    if (looksLikeExpression(value)) expression(value, at);
  } else if (Array.isArray(value)) value.forEach((item, index) => expressions(item, at.in(index)));
  else if (isObject(value)) for (const [key, content] of Object.entries(value)) expressions(content, at.in(key));
};

/** An object in JSONPath; in JSONata an expression may give it. */
export const objectTemplate: Check = (value, at) => {
  const isExpression = at.setting.language === 'JSONata' && typeof value === 'string' && looksLikeExpression(value);
  if (isObject(value) || isExpression) template(value, at);
  else at.problem('wrong_type', `It must be an object, not ${typeName(value)}.`);
};

/** A path or an intrinsic function call. */
export const selector: Check = (value, at) => {
  if (typeof value !== 'string') {
    at.problem('wrong_type', `It must be a JSONPath or an intrinsic function, not ${typeName(value)}.`);
  } else if (isIntrinsic(value)) intrinsic(value, at);
  else path(value, at);
};

/** Of a field that takes calls, and no other text, instead of a path. */
function intrinsic(value: string, at: Place): void {
  try {
    checkPart(parseIntrinsic(value), at);
  } catch (error) {
    if (!(error instanceof IntrinsicSyntaxError)) throw error;
    at.problem('invalid_intrinsic', `It must be a JSONPath or an intrinsic function. ${error.message}`);
  }
}

function checkPart(part: Expression, at: Place): void {
  if (part.kind === 'path') path(part.path, at);
  if (part.kind !== 'call') return;
  const { name, args } = part;
  const known = member(INTRINSICS, name);
  if (!known) at.problem('invalid_intrinsic', `There is no intrinsic function '${name}'.`);
  else if (args.length < known.least || args.length > known.most) {
    const count = known.least === known.most ? `${known.least}` : `${known.least} to ${known.most}`;
    at.problem('invalid_intrinsic', `${name} takes ${count} arguments, not ${args.length}.`);
  }
  for (const arg of args) checkPart(arg, at);
}
