import { isObject, typeName } from '../json.js';
import { MAX_DATA_DEPTH, measure } from '../limits.js';
import type { Json } from '../model.js';
import { path } from './checks.js';
import { Findings, Place, type Problem, type QueryLanguage, type Validation } from './findings.js';
import { checkRoot } from './machine.js';
import { template } from './template.js';

export type { Problem, ProblemCode, Validation, Warning, WarningCode } from './findings.js';

/** AWS's limit. */
const MAX_DEFINITION_BYTES = 1024 * 1024;
/** Each machine inside another one takes four levels. */
const MAX_DEFINITION_DEPTH = 200;

/** Every broken rule of the States Language at once. A definition without problems can be run. */
export function validate(definition: unknown): Validation {
  const findings = new Findings();
  const root = new Place(findings);
  if (!isObject(definition)) {
    root.problem('not_an_object', `A definition must be a JSON object, not ${typeName(definition)}.`);
  } else if (isBounded(definition, root)) checkRoot(definition, root);
  return { problems: findings.problems, warnings: findings.warnings };
}

/** What is wrong with a payload template outside a state machine, such as a trigger's `input`. */
export function validatePayloadTemplate(value: Json, pointer = ''): readonly Problem[] {
  const findings = new Findings();
  const at = new Place(findings, pointer);
  if (isBounded(value, at)) template(value, at);
  return withoutVariables(findings);
}

/** As `validatePayloadTemplate`, in either language; `variables` are those that an expression may use. */
export function validateTemplate(
  value: Json,
  {
    language,
    variables = [],
    pointer = '',
  }: { language: QueryLanguage; variables?: readonly string[]; pointer?: string },
): readonly Problem[] {
  const findings = new Findings();
  const at = new Place(findings, pointer).with({ language, variables: new Set(variables) });
  if (isBounded(value, at)) template(value, at);
  return withoutVariables(findings);
}

/** What is wrong with a JSONPath outside a state machine, such as a function's `inputs`. */
export function validatePath(value: Json, pointer = ''): readonly Problem[] {
  const findings = new Findings();
  path(value, new Place(findings, pointer));
  return withoutVariables(findings);
}

/** Outside of a state machine there are none, so a path to one is a mistake. */
const withoutVariables = ({ problems, warnings }: Findings): readonly Problem[] => [
  ...problems,
  ...warnings
    .filter(({ code }) => code === 'unknown_variable')
    .map((warning) => ({ ...warning, code: 'invalid_path' })),
];

/** All that follows recurses, so it must not be deep. */
function isBounded(value: Json, at: Place): boolean {
  const { bytes, depth } = measure(value, MAX_DEFINITION_BYTES);
  if (depth > Math.min(MAX_DEFINITION_DEPTH, MAX_DATA_DEPTH)) {
    at.problem('too_deep', `It may be nested ${MAX_DEFINITION_DEPTH} levels deep at most.`);
  } else if (bytes > MAX_DEFINITION_BYTES) at.problem('too_large', `It has at most ${MAX_DEFINITION_BYTES} bytes.`);
  else return true;
  return false;
}
