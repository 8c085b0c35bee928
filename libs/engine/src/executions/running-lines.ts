import { type RunningLine, runningLine, type StateMachine } from '@app/workflow';
import type { Changes } from './changes.js';
import type { RunningFrame, StoredFrame } from './frame.repository.js';

interface Setting {
  readonly changes: Changes;
  readonly definition: StateMachine;
}

interface Step {
  readonly id: number;
  readonly step: number;
}

/** The frames that run below a step: those that are stored, with what has become of them in this turn laid over them. */
export function runningLines(
  parent: Step,
  stored: readonly RunningFrame[],
  { changes, definition }: Setting,
): RunningLine[] {
  const below = new Map<string, RunningFrame[]>();
  for (const frame of laidOver(stored, changes)) {
    const key = keyOf({ id: frame.parentId, step: frame.parentStep });
    const beside = below.get(key);
    if (beside) beside.push(frame);
    else below.set(key, [frame]);
  }
  const lines = (of: Step): RunningLine[] =>
    (below.get(keyOf(of)) ?? [])
      .toSorted((a, b) => a.index - b.index)
      .map((frame) => runningLine(definition, frame, frame.index, lines(frame)));
  return lines(parent);
}

function laidOver(stored: readonly RunningFrame[], { created, changed }: Changes): RunningFrame[] {
  const touched = [...created.values(), ...changed.values()]
    .filter(({ status }) => status === 'RUNNING')
    .flatMap(asRow);
  const untouched = stored.filter(({ id }) => !created.has(id) && !changed.has(id));
  return [...untouched, ...touched].filter(({ stateName }) => stateName !== '');
}

function asRow({ id, parent, index, state: { step, machine, stateName, waiting } }: StoredFrame): RunningFrame[] {
  if (!parent) return [];
  return [{ id, step, parentId: parent.id, parentStep: parent.step, index, machine, stateName, waiting }];
}

const keyOf = ({ id, step }: Step): string => `${id} ${step}`;
