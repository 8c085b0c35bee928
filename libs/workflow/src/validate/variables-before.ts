import { isObject } from '../json.js';
import type { Json, JsonObject } from '../model.js';
import type { Names } from './findings.js';
import { namesAssigned } from './variables.js';

/** One way into a state, and what it sets. */
interface Step {
  readonly from: string;
  readonly to: string;
  readonly sets: readonly string[];
}

/** States looked at in one definition's machine; a hostile one has thousands of Parallel states after thousands of others. */
const MAX_VISITS = 200_000;

/** Tells of a state which variables its machine may have set when control comes to it. */
export class VariablesBefore {
  private readonly into = new Map<string, Step[]>();
  private readonly all = new Set<string>();
  private visits = 0;

  constructor(states: JsonObject) {
    for (const step of Object.entries(states).flatMap(([name, state]) => stepsFrom(name, state))) {
      const known = this.into.get(step.to);
      if (known) known.push(step);
      else this.into.set(step.to, [step]);
      for (const name of step.sets) this.all.add(name);
    }
  }

  /** Looked for when it is asked, as most machines inside set no variables. */
  of(name: string): Names {
    let found: ReadonlySet<string> | undefined;
    return {
      has: (variable) => {
        found ??= this.find(name);
        return found.has(variable);
      },
    };
  }

  /** All of the machine's, when to look would take too long. */
  private find(name: string): ReadonlySet<string> {
    const found = new Set<string>();
    const states = new Set([name]);
    if (this.all.size === 0) return found;
    // A set gives out what is added to it while it is walked.
    for (const state of states) {
      if (++this.visits > MAX_VISITS) return this.all;
      for (const { from, sets } of this.into.get(state) ?? []) {
        for (const variable of sets) found.add(variable);
        states.add(from);
      }
    }
    return found;
  }
}

function stepsFrom(from: string, state: Json): Step[] {
  if (!isObject(state)) return [];
  const step = (to: Json | undefined, fields: JsonObject): Step[] =>
    typeof to === 'string' ? [{ from, to, sets: namesAssigned(fields) }] : [];
  const entries = [state['Choices'], state['Catch']].flatMap((list) => (Array.isArray(list) ? list : []));
  return [
    ...step(state['Next'], state),
    ...step(state['Default'], state),
    ...entries.flatMap((entry) => (isObject(entry) ? step(entry['Next'], entry) : [])),
  ];
}
