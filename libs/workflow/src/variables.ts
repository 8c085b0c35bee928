import { AslFailure } from './failure.js';
import type { SubMachine } from './definition.js';
import { MAX_DATA_BYTES, measure, withinLimits } from './limits.js';
import type { Frame, JsonObject } from './model.js';
import type { Scene } from './scene.js';

/** AWS's limit on all variables of an execution; here it counts for what one frame sees. */
const MAX_VARIABLE_BYTES = 10 * 1024 * 1024;

/** The frame with the variables set. Sizes are kept beside them, so that setting one does not walk the others. */
export function withVariables({ frame, around }: Scene, assigned: JsonObject): Frame {
  const { maxDataBytes = MAX_DATA_BYTES } = around;
  withinLimits(assigned, `The value of Assign in the state '${frame.stateName}'`, maxDataBytes);
  const old = frame.variables ?? {};
  let bytes = frame.variableBytes ?? measure(old, MAX_VARIABLE_BYTES).bytes;
  for (const [name, value] of Object.entries(assigned)) {
    bytes += measure(value, maxDataBytes).bytes;
    if (Object.hasOwn(old, name)) bytes -= measure(old[name] ?? null, maxDataBytes).bytes;
    else bytes += name.length;
  }
  if (bytes > MAX_VARIABLE_BYTES) {
    throw new AslFailure('States.DataLimitExceeded', 'The variables are larger than the maximum of 10 MiB together.');
  }
  return { ...frame, variables: { ...old, ...assigned }, variableBytes: bytes };
}

const mentions = new WeakMap<SubMachine, ReadonlySet<string>>();

/** Of the variables, those whose names stand somewhere in the machine: its frames need to carry no others. */
export function variablesFor(machine: SubMachine, variables: JsonObject | undefined): JsonObject | undefined {
  if (!variables) return undefined;
  const names = mentionedIn(machine);
  const visible = Object.entries(variables).filter(([name]) => names.has(name));
  return visible.length === 0 ? undefined : Object.fromEntries(visible);
}

function mentionedIn(machine: SubMachine): ReadonlySet<string> {
  const known = mentions.get(machine);
  if (known) return known;
  const found = JSON.stringify(machine).matchAll(/\$([\p{ID_Start}_][\p{ID_Continue}]*)/gu);
  const names = new Set([...found].map(([, name]) => name as string));
  mentions.set(machine, names);
  return names;
}
