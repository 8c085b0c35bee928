import { machineAt, event, type Scene } from '../scene.js';
import type { StateMachine } from '../definition.js';
import { member } from '../json.js';
import type { Failure, Frame, Happened, HistoryEvent, RunningLine } from '../model.js';

type ChildEnded = Extract<Happened, { type: 'ChildSucceeded' | 'ChildFailed' }>;
type ChildFailed = Extract<Happened, { type: 'ChildFailed' }>;

export const isRuntime = ({ error }: Failure): boolean => error === 'States.Runtime';

const ABORTED: ReadonlySet<string | undefined> = new Set(['Task', 'Wait', 'Parallel', 'Map']);

/**
 * What AWS tells of the branches or iterations that end because their state fails: in the order of their index each
 * iteration, and the state that it was in. Of what ends the execution at once it tells nothing.
 */
export function endedWith({ frame: { stateName }, around, ...scene }: Scene, failure: Failure, failed?: ChildFailed) {
  if (isRuntime(failure)) return [];
  const isMap = member(scene.machine.States, stateName)?.Type === 'Map';
  const lines = failed ? [...(around.running ?? []), failed] : (around.running ?? []);
  return lines
    .toSorted((a, b) => a.index - b.index)
    .flatMap((line): HistoryEvent[] => {
      const outcome = line === failed ? 'Failed' : 'Aborted';
      const iteration = isMap ? [event(`MapIteration${outcome}`, { name: stateName, index: line.index })] : [];
      return [...iteration, ...('below' in line ? abortedIn(line) : failedIn(line))];
    });
}

/** Of the states that fail, only a Task is told as aborted. */
const failedIn = ({ stateType }: ChildFailed): HistoryEvent[] =>
  stateType === 'Task' ? [event('TaskStateAborted', {})] : [];

function abortedIn({ stateType, stateName, isMapRun, below }: RunningLine): HistoryEvent[] {
  const inside = below.flatMap((line) => [
    ...(stateType === 'Map' ? [event('MapIterationAborted', { name: stateName, index: line.index })] : []),
    ...abortedIn(line),
  ]);
  return [
    ...(ABORTED.has(stateType) ? [event(`${stateType}StateAborted`, {})] : []),
    ...(isMapRun ? [event('MapRunAborted', {})] : []),
    ...inside,
  ];
}

/** What the end of a branch or an iteration is to the state around it. */
export function childEnded(definition: StateMachine, frame: Frame, place: { step: number; index: number }): ChildEnded {
  const { status, failure = { error: 'States.Runtime', cause: '' }, lastEvent } = frame;
  if (status === 'SUCCEEDED') return { type: 'ChildSucceeded', ...place, lastEvent };
  return { type: 'ChildFailed', ...place, failure, lastEvent, stateType: typeOf(definition, frame) };
}

/** A frame that runs, as one of those that its parent may end. */
export function runningLine(
  definition: StateMachine,
  frame: Pick<Frame, 'machine' | 'stateName'> & { readonly waiting?: Frame['waiting'] | null | undefined },
  index: number,
  below: readonly RunningLine[],
): RunningLine {
  const { stateName, waiting } = frame;
  // It has not been entered yet.
  const stateType = waiting === 'yield' ? undefined : typeOf(definition, frame);
  return { index, stateName, stateType, isMapRun: waiting === 'mapRun', below };
}

const typeOf = (definition: StateMachine, { machine, stateName }: Pick<Frame, 'machine' | 'stateName'>) =>
  member(machineAt(definition, machine).States, stateName)?.Type;
