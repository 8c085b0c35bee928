import { OPERATORS, type OperandKind, pathOperator, TYPE_TESTS } from '../choice/operators.js';
import { isObject, member, typeName } from '../json.js';
import type { JsonObject } from '../model.js';
import {
  type Check,
  checkFields,
  type Fields,
  flag,
  inJsonata,
  inJsonPath,
  path,
  required,
  text,
  timestamp,
} from './checks.js';
import { expression, looksLikeExpression } from './expression.js';
import type { Place } from './findings.js';
import { template } from './template.js';
import { assign } from './variables.js';

const OPERANDS: Record<OperandKind, Check> = {
  string: text,
  boolean: flag,
  timestamp,
  number: (value, at) => {
    if (typeof value !== 'number') at.problem('wrong_type', `It must be a number, not ${typeName(value)}.`);
  },
};
const COMBINED = ['And', 'Or', 'Not'];

export const choices: Check = (value, at) => {
  if (!Array.isArray(value)) at.problem('wrong_type', `It must be an array of rules, not ${typeName(value)}.`);
  else if (value.length === 0) at.problem('invalid_choice_rule', 'A Choice state needs at least one rule.');
  else {
    value.forEach((rule, index) => {
      if (at.setting.language === 'JSONata') checkCondition(rule, at.in(index));
      else checkRule(rule, at.in(index), ['Next', 'Assign']);
      if (isObject(rule) && !Object.hasOwn(rule, 'Next')) {
        at.in(index).problem('missing_field', "The field 'Next' is missing.");
      }
    });
  }
};

/** JSONata's rule: a Condition, and what comes of it. */
function checkCondition(rule: unknown, at: Place): void {
  if (isObject(rule)) checkFields(rule, RULE, at);
  else at.problem('wrong_type', `A rule must be an object, not ${typeName(rule)}.`);
}

const condition: Check = (value, at) => {
  if (typeof value === 'boolean') at.warn('unreachable_rule', `The condition is always ${value}.`);
  else if (typeof value === 'string' && looksLikeExpression(value)) expression(value, at);
  else at.problem('wrong_type', 'It must be an expression: {% … %}.');
};
const RULE: Fields = {
  Comment: text,
  Condition: required(condition),
  Next: text,
  Assign: assign,
  Output: template,
  ...Object.fromEntries(
    ['Variable', ...COMBINED, ...Object.keys(OPERATORS), ...Object.keys(TYPE_TESTS)].map((name) => [
      name,
      inJsonPath(text, 'a Condition'),
    ]),
  ),
};

/** A rule, or a comparison inside of one (which has no Next). */
function checkRule(rule: unknown, at: Place, extra: readonly string[]): void {
  if (!isObject(rule)) {
    at.problem('wrong_type', `A rule must be an object, not ${typeName(rule)}.`);
    return;
  }
  const operators = Object.keys(rule).filter((name) => operandCheck(name) || COMBINED.includes(name));
  const hasUnknown = checkNames(rule, at, operators, extra);
  if (operators.length > 1 || (operators.length === 0 && !hasUnknown)) {
    const found = operators.length === 0 ? 'none' : operators.join(' and ');
    at.problem('invalid_choice_rule', `A rule needs exactly one operator; it has ${found}.`);
  }
  for (const name of operators) checkOperator(rule, name, at);
}

/** Whether there is a name that is neither an operator nor a field. */
function checkNames(rule: JsonObject, at: Place, operators: readonly string[], extra: readonly string[]): boolean {
  const known = ['Comment', 'Variable', ...extra, ...operators];
  const unknown = Object.keys(rule).filter((key) => !known.includes(key));
  for (const name of unknown) {
    if (name === 'Next') at.in(name).problem('unknown_field', "Only the outermost rule has a 'Next'.");
    else if (name === 'Condition') inJsonata(text, 'a Variable with an operator')(null, at.in(name));
    else if (name === 'Output') inJsonata(text, 'OutputPath')(null, at.in(name));
    else at.in(name).problem('invalid_choice_rule', `'${name}' is neither an operator nor a field of a rule.`);
  }
  if (rule['Comment'] !== undefined) text(rule['Comment'], at.in('Comment'));
  if (rule['Assign'] !== undefined && extra.includes('Assign')) assign(rule['Assign'], at.in('Assign'));
  if (rule['Next'] !== undefined && extra.includes('Next')) text(rule['Next'], at.in('Next'));
  return unknown.length > 0;
}

function checkOperator(rule: JsonObject, name: string, at: Place): void {
  const operand = rule[name] ?? null;
  const check = operandCheck(name);
  if (check) {
    check(operand, at.in(name));
    if (rule['Variable'] === undefined) at.problem('missing_field', "The field 'Variable' is missing.");
    else path(rule['Variable'], at.in('Variable'));
    return;
  }
  if (rule['Variable'] !== undefined) {
    at.in('Variable').problem('invalid_choice_rule', `'${name}' combines rules and compares no 'Variable'.`);
  }
  if (name === 'Not') checkRule(operand, at.in(name), []);
  else if (!Array.isArray(operand) || operand.length === 0) {
    at.in(name).problem('wrong_type', `'${name}' needs a non-empty array of rules.`);
  } else operand.forEach((inner, index) => checkRule(inner, at.in(name, index), []));
}

function operandCheck(name: string): Check | undefined {
  if (pathOperator(name) !== undefined) return path;
  if (Object.hasOwn(TYPE_TESTS, name)) return flag;
  const operator = member(OPERATORS, name);
  return operator && OPERANDS[operator.operand];
}
