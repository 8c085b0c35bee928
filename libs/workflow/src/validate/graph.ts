import { isObject } from '../json.js';
import type { Json, JsonObject } from '../model.js';
import type { Place } from './findings.js';

interface Target {
  readonly name: string;
  readonly at: Place;
}

/** Every transition leads to a state of the same machine, and every state is reached. */
export function checkGraph(startAt: Json | undefined, states: JsonObject, at: Place): void {
  const targets = new Map(
    Object.entries(states).map(([name, state]) => [name, targetsOf(state, at.in('States', name))]),
  );
  for (const { name, at: place } of [...targets.values()].flat()) checkTarget(name, states, place);
  if (typeof startAt !== 'string') return;
  checkTarget(startAt, states, at.in('StartAt'));
  const reached = reachedFrom(startAt, targets);
  for (const name of targets.keys()) {
    if (!reached.has(name)) at.in('States', name).problem('unreachable_state', `No transition leads to '${name}'.`);
  }
}

/** AWS refuses only a definition that as a whole never ends; a machine inside of it may run until it is stopped. */
export function checkEnd(states: JsonObject, at: Place, isWhole: boolean): void {
  if (Object.values(states).some(isTerminal)) return;
  const message = 'No state ends the machine: one needs "End": true, or be Succeed or Fail.';
  if (isWhole) at.in('States').problem('no_terminal_state', message);
  else at.in('States').warn('no_terminal_state', message);
}

function checkTarget(name: string, states: JsonObject, at: Place): void {
  if (!Object.hasOwn(states, name)) at.problem('unknown_state', `There is no state '${name}' in this machine.`);
}

function targetsOf(state: Json, at: Place): Target[] {
  if (!isObject(state)) return [];
  return [
    ...named(state['Next'], at.in('Next')),
    ...(state['Type'] === 'Choice' ? named(state['Default'], at.in('Default')) : []),
    ...nexts(state['Choices'], at.in('Choices')),
    ...nexts(state['Catch'], at.in('Catch')),
  ];
}

const named = (name: Json | undefined, at: Place): Target[] => (typeof name === 'string' ? [{ name, at }] : []);

const nexts = (list: Json | undefined, at: Place): Target[] =>
  Array.isArray(list)
    ? list.flatMap((item, index) => (isObject(item) ? named(item['Next'], at.in(index, 'Next')) : []))
    : [];

function reachedFrom(start: string, targets: ReadonlyMap<string, readonly Target[]>): ReadonlySet<string> {
  const reached = new Set([start]);
  // A set gives out what is added to it while it is walked.
  for (const name of reached) for (const target of targets.get(name) ?? []) reached.add(target.name);
  return reached;
}

const isTerminal = (state: Json): boolean =>
  isObject(state) && (state['End'] === true || state['Type'] === 'Succeed' || state['Type'] === 'Fail');
