import { isObject, typeName } from '../json.js';
import type { Json, JsonObject } from '../model.js';
import { expression, looksLikeExpression } from './expression.js';
import { compilePath, PathSyntaxError } from '../paths/compile.js';
import { compileReference } from '../paths/reference.js';
import { parseTimestamp } from '../timestamp.js';
import type { Place } from './findings.js';

/** Reports what is wrong with a field's value. */
export type Check = (value: Json, at: Place) => void;

export const anything: Check = () => {};

const typed =
  (wanted: string, isRight: (value: Json) => boolean): Check =>
  (value, at) => {
    if (!isRight(value)) at.problem('wrong_type', `It must be ${wanted}, not ${typeName(value)}.`);
  };

export const text = typed('a string', (value) => typeof value === 'string');
export const flag = typed('true or false', (value) => typeof value === 'boolean');
export const object = typed('an object', isObject);

const numeric =
  (wanted: string, isRight: (value: number) => boolean): Check =>
  (value, at) => {
    if (typeof value !== 'number') at.problem('wrong_type', `It must be a number, not ${typeName(value)}.`);
    else if (!isRight(value)) at.problem('out_of_range', `It must be ${wanted}, not ${value}.`);
  };

export const integer = (least: number, most: number): Check =>
  numeric(`an integer from ${least} to ${most}`, (value) => Number.isInteger(value) && value >= least && value <= most);
export const atLeast = (least: number): Check => numeric(`at least ${least}`, (value) => value >= least);

export const atMost = (least: number, most: number): Check =>
  numeric(`from ${least} to ${most}`, (value) => value >= least && value <= most);

export const oneOf =
  (...values: readonly string[]): Check =>
  (value, at) => {
    if (typeof value !== 'string') at.problem('wrong_type', `It must be a string, not ${typeName(value)}.`);
    else if (!values.includes(value)) at.problem('out_of_range', `It must be ${values.join(' or ')}, not '${value}'.`);
  };

/** A field of JSONPath; `instead` is what JSONata has for it. */
export const inJsonPath =
  (check: Check, instead = 'an expression'): Check =>
  (value, at) => {
    if (at.setting.language === 'JSONPath') check(value, at);
    else at.problem('wrong_query_language', `This field belongs to JSONPath; a JSONata state uses ${instead}.`);
  };

/** A field of JSONata; `instead` is what JSONPath has for it. */
export const inJsonata =
  (check: Check, instead: string): Check =>
  (value, at) => {
    if (at.setting.language === 'JSONata') check(value, at);
    else at.problem('wrong_query_language', `This field belongs to JSONata; a JSONPath state uses ${instead}.`);
  };

/** In JSONata a value may be computed: then it is known only when the state runs. */
export const orExpression =
  (check: Check): Check =>
  (value, at) => {
    if (at.setting.language === 'JSONata' && typeof value === 'string' && looksLikeExpression(value)) {
      expression(value, at);
    } else check(value, at);
  };

const compiled =
  (compile: (path: string) => unknown): Check =>
  (value, at) => {
    if (typeof value !== 'string') {
      at.problem('wrong_type', `It must be a JSONPath as a string, not ${typeName(value)}.`);
      return;
    }
    try {
      compile(value);
      checkVariable(value, at);
      checkFunctions(value, at);
    } catch (error) {
      if (!(error instanceof PathSyntaxError)) throw error;
      at.problem('invalid_path', error.message);
    }
  };

function checkVariable(written: string, at: Place): void {
  const { variable } = compilePath(written);
  if (variable === undefined || at.setting.variables.has(variable)) return;
  at.warn(
    'unknown_variable',
    `No state assigns a variable '${variable}' here. A field of the input is '$.${variable}'.`,
  );
}

/** They are what other libraries have behind a path. */
function checkFunctions(written: string, at: Place): void {
  const found = compilePath(written).steps.flatMap((step) => (step.kind === 'names' ? step.names : []));
  const name = found.find((one) => /^[a-z]+\(.*\)$/.test(one));
  if (name !== undefined) {
    at.warn('no_path_functions', `Paths have no functions, as on AWS: '${name}' is read as the name of a field.`);
  }
}

export const path = compiled(compilePath);
/** Where a single value is needed, an array of what is found is of no use. */
export const definitePath = compiled((value) => {
  if (!compilePath(value).isDefinite) throw new PathSyntaxError(`'${value}' may select several values.`);
});
const referencePath = compiled(compileReference);

const orNull =
  (check: Check): Check =>
  (value, at) => {
    if (value !== null) check(value, at);
  };
export const pathOrNull = orNull(path);
export const referencePathOrNull = orNull(referencePath);

export const timestamp: Check = (value, at) => {
  if (typeof value !== 'string')
    at.problem('wrong_type', `It must be a timestamp as a string, not ${typeName(value)}.`);
  else if (parseTimestamp(value) === undefined) {
    at.problem('invalid_timestamp', `'${value}' is not a timestamp as RFC 3339 writes it, with an upper-case T and Z.`);
  }
};

export interface Field {
  readonly check: Check;
  readonly required?: true;
}
export type Fields = { readonly [name: string]: Check | Field };

/** Every field is known, right, and there if it must be. */
export function checkFields(value: JsonObject, fields: Fields, at: Place): void {
  for (const [name, content] of Object.entries(value)) {
    const field = Object.hasOwn(fields, name) ? fields[name] : undefined;
    if (field) (typeof field === 'function' ? field : field.check)(content, at.in(name));
    else at.in(name).problem('unknown_field', `There is no field '${name}' here. Known are ${known(fields)}.`);
  }
  for (const [name, field] of Object.entries(fields)) {
    const isMissing = typeof field === 'object' && field.required && !Object.hasOwn(value, name);
    if (isMissing) at.problem('missing_field', `The field '${name}' is missing.`);
  }
}

const known = (fields: Fields): string => Object.keys(fields).join(', ');

export const required = (check: Check): Field => ({ check, required: true });

/** At most one of the fields, or exactly one. */
export function checkAlternatives(value: JsonObject, names: readonly string[], at: Place, needed?: 'needed'): void {
  const given = names.filter((name) => Object.hasOwn(value, name));
  const all = names.join(', ');
  if (given.length > 1)
    at.problem('conflicting_fields', `Only one of ${all} may be given, not ${given.join(' and ')}.`);
  if (given.length === 0 && needed) at.problem('missing_field', `One of ${all} is missing.`);
}
