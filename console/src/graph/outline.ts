import type { MachineDefinition, StateDefinition } from '../api/types.js';
import { ruleText } from './rule-text.js';

/** The shape of a definition, before anything has a place: states, arrows, and the machines inside of states. */
export interface OutlineState {
  readonly name: string;
  readonly type: string;
  readonly detail: string;
  readonly inner: readonly Outline[];
}

export interface OutlineEdge {
  readonly from: string;
  readonly to: string;
  readonly label?: string;
  readonly isCatch: boolean;
}

export interface Outline {
  readonly startAt: string;
  readonly states: readonly OutlineState[];
  readonly edges: readonly OutlineEdge[];
  /** States after which this machine has ended. */
  readonly ends: readonly string[];
}

export function outline(machine: MachineDefinition): Outline {
  const states = Object.entries(machine.States ?? {});
  return {
    startAt: machine.StartAt,
    states: states.map(([name, state]) => ({
      name,
      type: state.Type,
      detail: detail(state),
      inner: innerMachines(state).map(outline),
    })),
    edges: states.flatMap(([name, state]) => merged(edges(name, state))).filter((edge) => machine.States[edge.to]),
    ends: states.filter(([, state]) => isEnd(state)).map(([name]) => name),
  };
}

function innerMachines(state: StateDefinition): readonly MachineDefinition[] {
  if (state.Type === 'Parallel') return state.Branches ?? [];
  const item = state.ItemProcessor ?? state.Iterator;
  return state.Type === 'Map' && item ? [item] : [];
}

function isEnd(state: StateDefinition): boolean {
  return state.End === true || state.Type === 'Succeed' || state.Type === 'Fail';
}

function edges(from: string, state: StateDefinition): OutlineEdge[] {
  const found: OutlineEdge[] = [];
  const add = (to: string | undefined, label?: string, isCatch = false): void => {
    if (to !== undefined) found.push({ from, to, label, isCatch });
  };
  for (const rule of state.Choices ?? []) add(rule.Next, ruleText(rule));
  add(state.Default, 'otherwise');
  add(state.Next);
  for (const rule of state.Catch ?? []) add(rule.Next, catchText(rule.ErrorEquals ?? []), true);
  return found;
}

function catchText(errors: readonly string[]): string {
  return errors.includes('States.ALL') ? 'any error' : errors.join(' or ');
}

/** Two rules that lead to the same state are one arrow. */
function merged(all: readonly OutlineEdge[]): OutlineEdge[] {
  const byTarget = new Map<string, OutlineEdge>();
  for (const edge of all) {
    const key = `${edge.to}/${edge.isCatch}`;
    const known = byTarget.get(key);
    byTarget.set(key, known ? { ...edge, label: [known.label, edge.label].filter(Boolean).join(' or ') } : edge);
  }
  return [...byTarget.values()];
}

/** The second line of a box: what a Task calls, else what kind of state it is. */
function detail(state: StateDefinition): string {
  if (state.Type !== 'Task') return state.Type;
  return (state.Resource ?? 'Task').replace(/^arn:aws:lambda:[^:]*:[^:]*:/, '').replace(/^function:/, '');
}
