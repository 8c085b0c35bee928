import type { QueryLanguageName } from './definition.js';
import type { Chance } from './intrinsics/chance.js';
import { fillValue } from './language/jsonata.js';
import { withinLimits } from './limits.js';
import type { Json, JsonObject } from './model.js';
import { evaluatePayloadTemplate } from './payload-template.js';

export interface TemplateSetting {
  readonly language: QueryLanguageName;
  /** `$$`, and JSONata's `$states.context`. */
  readonly context?: JsonObject;
  /** JSONata's, by their names. */
  readonly variables?: JsonObject;
  /** Where it stands, for failures. */
  readonly field?: string;
  readonly around?: Chance & { readonly now: number; readonly maxDataBytes?: number };
}

/** A template outside of a state machine, over an input. Throws `AslFailure`. */
export function evaluateTemplate(template: Json, input: Json, setting: TemplateSetting): Json {
  const { language, context = {}, variables = {}, field = 'input', around } = setting;
  if (language === 'JSONPath') return evaluatePayloadTemplate(template, input, context, around);
  withinLimits(template, `The field '${field}'`);
  const states = { input, context };
  return withinLimits(
    fillValue({ states, variables, around: around ?? NO_CHANCE }, template, field),
    `The value of the field '${field}'`,
    around?.maxDataBytes,
  );
}

const NO_CHANCE = { random: () => 0, uuid: () => '00000000-0000-0000-0000-000000000000', now: 0 };
