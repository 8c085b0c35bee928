import { NO_NEXT_STATE } from '../choice/choose.js';
import { runtimeFailure } from '../failure.js';
import { isObject, mapValues } from '../json.js';
import { evaluateQuery, expressionIn } from '../jsonata/query.js';
import { QueryFailure } from '../jsonata/query-error.js';
import { withinLimits } from '../limits.js';
import type { Json, JsonObject } from '../model.js';
import { contextObject, type Left, type Scene } from '../scene.js';
import type { Given, QueryLanguage } from './language.js';

/**
 *   input ─ Arguments ─► work ─ result ─┬─ Output ─► output
 *       └───────────────────────────────┴─ Assign ─► variables
 */
export const JSONATA: QueryLanguage = {
  input: ({ frame }) => frame.input,

  workInput(scene, { Arguments }, input) {
    const value = Arguments === undefined ? input : filled(scene, Arguments, 'Arguments', {});
    scene.trace?.('afterArguments', value);
    return value;
  },

  evaluate: (scene, template, field) => filled(scene, template, field, {}),

  given(scene, fields, name) {
    const value = (fields as JsonObject)[name];
    return value === undefined ? undefined : given(scene, value, name);
  },

  items(scene, { Items }, input) {
    if (Items !== undefined) return given(scene, Items, 'Items');
    const cause = () => `Map state input must be an array but was: ${JSON.stringify(input).slice(0, 10_000)}`;
    return { value: input, wrong: () => new QueryFailure(undefined, cause()) };
  },

  choose(scene, { Choices, Default }) {
    for (const [index, rule] of Choices.entries()) {
      const field = `Choices[${index}]/Condition`;
      const condition = given(scene, rule.Condition ?? null, field);
      if (typeof condition.value !== 'boolean') throw condition.wrong('true or false', 'boolean');
      if (condition.value) return { next: rule.Next, rule, index };
    }
    if (Default !== undefined) return { next: Default };
    throw runtimeFailure(NO_NEXT_STATE);
  },

  complete: (scene, state, _input, result) => left(scene, state, { result }, result),

  pass: (scene, state, input) => left(scene, state, {}, input),

  passOn: (scene, state, input) => left(scene, state, {}, input),

  leaveChoice(scene, { Output, Assign }, input, { rule, index }) {
    if (!rule) return left(scene, { Output, Assign }, {}, input);
    if (rule.Output !== undefined) return left(scene, rule, {}, input, `Choices[${index}]/`);
    const { assigned } = left(scene, { Assign: rule.Assign }, {}, input, `Choices[${index}]/`);
    return { ...left(scene, { Output }, {}, input), ...(assigned && { assigned }) };
  },

  caught: (scene, catcher, index, errorOutput) =>
    left(scene, catcher, { errorOutput }, errorOutput, `Catch[${index}]/`),
};

/** What `$states` has beside the input and the context. */
type Happened = { readonly result?: Json; readonly errorOutput?: JsonObject };

interface Leaving {
  readonly Output?: Json | undefined;
  readonly Assign?: JsonObject | undefined;
}

/** Both see the variables as they were. */
function left(scene: Scene, { Output, Assign }: Leaving, seen: Happened, otherwise: Json, at = ''): Left {
  // Its size is told as that of the state, when it is left.
  const output = Output === undefined ? otherwise : fillValue(scope(scene, seen), Output, `${at}Output`);
  if (Assign === undefined) return { output };
  return { output, assigned: filled(scene, Assign, `${at}Assign`, seen) as JsonObject };
}

const filled = (scene: Scene, template: Json, field: string, seen: Happened): Json =>
  withinLimits(
    fillValue(scope(scene, seen), template, field),
    `The value of the field '${field}'`,
    scene.around.maxDataBytes,
  );

type Scope = Parameters<typeof evaluateQuery>[2];

/** Each text that is an expression becomes its value. */
export function fillValue(within: Scope, template: Json, field: string): Json {
  if (typeof template === 'string') {
    const expression = expressionIn(template);
    return expression === undefined ? template : evaluateQuery(expression, field, within);
  }
  if (Array.isArray(template)) return template.map((item, index) => fillValue(within, item, `${field}[${index}]`));
  if (!isObject(template)) return template;
  return mapValues(template, (value, key) => fillValue(within, value, `${field}/${key}`));
}

function scope(scene: Scene, seen: Happened): Scope {
  const states = {
    input: scene.frame.input,
    ...seen,
    // Made when it is asked for, as few expressions do.
    get context() {
      return contextObject(scene);
    },
  };
  return { states, variables: scene.frame.variables ?? {}, around: scene.around };
}

function given(scene: Scene, template: Json, field: string): Given {
  const value = filled(scene, template, field, {});
  const expression = typeof template === 'string' ? expressionIn(template) : undefined;
  if (expression === undefined) return { value, wrong: (wanted) => runtimeFailure(`The ${field} must be ${wanted}.`) };
  return {
    value,
    wrong(wanted, type) {
      const found = typeOf(value);
      const shown = JSON.stringify(value).slice(0, 1000);
      const reason =
        found === type
          ? `returned the value ${shown}, which is not ${wanted}.`
          : `returned an unexpected result type. Expected '${type}', but was '${found}' for value: ${shown}`;
      return new QueryFailure(
        field,
        `The JSONata expression '${expression}' specified for the field '${field}' ${reason}`,
      );
    },
  };
}

const typeOf = (value: Json): string => (value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value);
