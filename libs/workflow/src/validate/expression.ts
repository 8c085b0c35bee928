import { compileQuery, isFunctionName, QuerySyntaxError } from '../jsonata/compile.js';
import type { Place } from './findings.js';
import { mentionsOf } from './mentions.js';

/** Where an expression begins, so that a missing end is found out and not taken for text. */
export const looksLikeExpression = (text: string): boolean => text.startsWith('{%') || text.endsWith('%}');

/** `{% … %}`: its syntax, and that what it mentions can be there. */
export function expression(text: string, at: Place): void {
  if (!text.startsWith('{%') || !text.endsWith('%}') || text.length < 4) {
    at.problem(
      'invalid_expression',
      "A JSONata expression begins with '{%' and ends with '%}', without blanks outside.",
    );
    return;
  }
  const source = text.slice(2, -2).trim();
  const mentions = mentionsIn(source, at);
  if (!mentions) return;
  for (const name of mentions.variables) checkVariable(name, at);
  for (const part of mentions.states) checkStates(part, at);
  for (const name of mentions.topLevel) {
    at.problem('invalid_expression', `Reference to '${name}' at the top level is not supported. ${INSTEAD}`);
  }
  if (mentions.root) at.problem('invalid_expression', `Reference to '$$' is not supported. ${INSTEAD}`);
  if (mentions.isUnqualified) at.warn('field_without_origin', `This selects from nothing. ${INSTEAD}`);
}

const INSTEAD = 'Begin with $states.input or a variable.';

function mentionsIn(source: string, at: Place): ReturnType<typeof mentionsOf> | undefined {
  try {
    return mentionsOf(compileQuery(source).ast);
  } catch (error) {
    if (!(error instanceof QuerySyntaxError)) throw error;
    at.problem('invalid_expression', `The JSONata expression cannot be read. ${error.code}: ${error.message}.`);
    return undefined;
  }
}

function checkVariable(name: string, at: Place): void {
  if (name === 'eval')
    at.problem('invalid_expression', '$eval is not available: an expression cannot make another one.');
  else if (!isFunctionName(name) && !at.setting.variables.has(name)) {
    at.warn('unknown_variable', `There is no function '$${name}', and no state assigns a variable of that name here.`);
  }
}

function checkStates(part: string, at: Place): void {
  if (part === 'input' || part === 'context' || part === at.setting.available) return;
  const where = {
    result: 'the Output and Assign of a Task, Parallel or Map state',
    errorOutput: "a catcher's Output and Assign",
  };
  if (part === 'result' || part === 'errorOutput') {
    at.problem('invalid_expression', `$states.${part} is known only in ${where[part]}.`);
  } else at.problem('invalid_expression', `$states has no '${part}': it has input, context, result and errorOutput.`);
}
