import type { QueryLanguageName, State, StateMachine, SubMachine } from './definition.js';
import { runtimeFailure } from './failure.js';
import { isObject, member } from './json.js';
import type {
  Command,
  Failure,
  Frame,
  HistoryEvent,
  Json,
  JsonObject,
  MapItem,
  Surroundings,
  Waiting,
} from './model.js';
import type { Sources } from './paths/select.js';
import { retryCount } from './retry.js';

/** Where a transition plays: a frame, its machine and all that it may know. */
export interface Scene {
  readonly machine: SubMachine;
  readonly frame: Frame;
  readonly around: Surroundings;
  /** Of states that do not say. */
  readonly queryLanguage: QueryLanguageName;
  /** Told of each step of the data flow, for TestState. */
  readonly trace?: (step: string, value: Json) => void;
}

export const sceneOf = (definition: StateMachine, frame: Frame, around: Surroundings): Scene => ({
  machine: machineAt(definition, frame.machine),
  frame,
  around,
  queryLanguage: definition.QueryLanguage ?? 'JSONPath',
});

/** What a state passes on, and the variables it sets by that. */
export interface Left {
  readonly output: Json;
  readonly assigned?: JsonObject;
}

/** What comes of a state: the frame goes on with an output, or waits for what it asked for, or the state failed. */
export type Move = {
  readonly commands?: readonly Command[];
  readonly history?: readonly HistoryEvent[];
} & (
  | { readonly type: 'Leave'; readonly left: Left; readonly next: string | undefined }
  | {
      readonly type: 'Wait';
      readonly waiting: Waiting;
      readonly set?: Partial<Pick<Frame, 'children' | 'items' | 'retries' | 'token'>>;
      /** It waits on, for more than before. */
      readonly isSameStep?: true;
    }
  /** `matchedAs` is the error's name to Retry and Catch, if they know it by a more exact one. */
  | { readonly type: 'Fail'; readonly failure: Failure; readonly matchedAs?: string }
);

export const event = (type: string, details: JsonObject): HistoryEvent => ({ type, details });
/** AWS leaves out what was not told: the cause of a timeout, the name of a Fail state's error. */
export const failureDetails = ({ error, cause }: Failure): JsonObject => ({
  ...(error !== '' && { error }),
  ...(cause !== '' && { cause }),
});

/** What AWS puts before the cause of a failure of its own. */
export function whereFailed({ stateName, enteredEvent }: Frame): string {
  if (stateName === '') return '';
  const entered = enteredEvent === undefined ? '' : ` (entered at the event id #${enteredEvent})`;
  return `An error occurred while executing the state '${stateName}'${entered}. `;
}

/** The (sub)machine that a frame runs in. */
export function machineAt(definition: StateMachine, pointer: string): SubMachine {
  let found: unknown = definition;
  for (const token of pointer.split('/').slice(1)) {
    const key = token.replaceAll('~1', '/').replaceAll('~0', '~');
    if (Array.isArray(found)) found = found[Number(key)];
    else found = isObject(found) ? member(found, key) : undefined;
  }
  if (!isObject(found)) throw runtimeFailure(`The definition has no state machine at '${pointer}'.`);
  return found as unknown as SubMachine;
}

export function stateOf({ machine, frame }: Scene): State {
  const state = member(machine.States, frame.stateName);
  if (!state) throw runtimeFailure(`There is no state '${frame.stateName}'.`);
  return state;
}

/** The JSON Pointer of something inside the current state. */
export const pointerInState = ({ frame }: Scene, ...keys: readonly (string | number)[]): string =>
  [frame.machine, 'States', frame.stateName.replaceAll('~', '~0').replaceAll('/', '~1'), ...keys].join('/');

export const sources = (scene: Scene, input: Json): Sources => ({
  input,
  context: () => contextObject(scene),
  variables: scene.frame.variables,
});

const RETRIED: ReadonlySet<string> = new Set(['Task', 'Parallel', 'Map']);

/** `$$`, and JSONata's `$states.context`; its members in AWS's order. */
export function contextObject({ machine, frame, around: { execution, stateMachine } }: Scene): JsonObject {
  const mayRetry = RETRIED.has(member(machine.States, frame.stateName)?.Type ?? '');
  return {
    Execution: {
      Id: execution.id,
      Input: execution.input,
      StartTime: execution.startTime,
      Name: execution.name,
      ...(execution.roleArn !== undefined && { RoleArn: execution.roleArn }),
      RedriveCount: execution.redriveCount ?? 0,
      ...(execution.redriveTime !== undefined && { RedriveTime: execution.redriveTime }),
    },
    StateMachine: { Id: stateMachine.id, Name: stateMachine.name },
    State: { Name: frame.stateName, EnteredTime: frame.enteredAt, ...(mayRetry && { RetryCount: retryCount(frame) }) },
    ...(frame.token !== undefined && { Task: { Token: frame.token } }),
    ...(frame.map && { Map: { Item: contextItem(frame.map) } }),
  };
}

const contextItem = ({ index, key, value, source }: MapItem): JsonObject => ({
  Index: index,
  ...(key !== undefined && { Key: key }),
  Value: value,
  ...(source !== undefined && { Source: source }),
});
