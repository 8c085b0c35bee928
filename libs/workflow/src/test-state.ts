import { failureIn } from './course.js';
import type { MapState, QueryLanguageName, State } from './definition.js';
import { initialFrame } from './frame.js';
import { languageOf } from './language/language-of.js';
import { withinLimits } from './limits.js';
import type { Failure, Frame, Json, JsonObject, Surroundings } from './model.js';
import { caught, retried } from './recover.js';
import { catcherFor, retrierFor } from './retry.js';
import { type Move, type Scene, sceneOf, stateOf } from './scene.js';
import { enter } from './states/enter.js';
import { leaveWait } from './states/wait.js';
import { type MapTrial, tryMap } from './test-map.js';
import { withVariables } from './variables.js';

/** What a state is tried out with. Work is never done: a Task, Parallel or Map state needs a mock. */
export interface TestStateOptions {
  readonly around: Surroundings;
  readonly stateName?: string;
  /** Of the machine around it. */
  readonly queryLanguage?: QueryLanguageName;
  readonly variables?: JsonObject;
  readonly mock?: { readonly result: Json } | { readonly error: Failure };
  /** How often the retrier of the mocked error has tried already. */
  readonly retryCount?: number;
  /** `$$.State.RetryCount`, if not that. */
  readonly retriesBefore?: number;
  /** For a state inside an iteration. */
  readonly map?: Frame['map'];
  /** When it was entered: now, if not said. */
  readonly enteredAt?: string;
  readonly mapTrial?: MapTrial;
}

export interface TestStateResult {
  readonly status: 'SUCCEEDED' | 'FAILED' | 'RETRIABLE' | 'CAUGHT_ERROR';
  readonly output?: Json;
  readonly error?: string;
  readonly cause?: string;
  readonly nextState?: string;
  readonly inspectionData: JsonObject;
}

/** There is no mock, and the state has work to be done. */
export class MockMissing extends Error {}

/** One state by itself, as AWS's TestState runs it: what it gives, where it leads, and each step of its data. */
export function testState(state: State, input: Json, options: TestStateOptions): TestStateResult {
  const { around, stateName = 'State', queryLanguage = 'JSONPath', variables, map, retryCount = 0, mock } = options;
  const { enteredAt = new Date(around.now).toISOString(), mapTrial = {}, retriesBefore } = options;
  const trial = new Trial(
    sceneOf({ StartAt: stateName, States: { [stateName]: state }, QueryLanguage: queryLanguage }, framed(), around),
    input,
    mapTrial,
  );
  return trial.run(mock);

  function framed(): Frame {
    const error = mock && 'error' in mock ? mock.error.error : undefined;
    const used = error === undefined ? undefined : retrierFor(retriersOf(state), error)?.index;
    const own: Frame['retries'] = used === undefined || retryCount === 0 ? {} : { [used]: retryCount };
    // Those of no retrier: what is counted is their sum.
    const retries = retriesBefore === undefined ? own : { ...own, others: retriesBefore - (own[used ?? ''] ?? 0) };
    return { ...initialFrame('', map, variables), stateName, input, enteredAt, retries };
  }
}

class Trial {
  private readonly inspection: { [step: string]: Json };
  private readonly scene: Scene;

  constructor(
    scene: Scene,
    input: Json,
    private readonly mapTrial: MapTrial,
  ) {
    this.inspection = { input };
    this.scene = { ...scene, trace: (step, value) => void (this.inspection[step] = value) };
  }

  run(mock: TestStateOptions['mock']): TestStateResult {
    const move = this.attempt(() => {
      withinLimits(this.inspection['input'] ?? null, 'The input', this.scene.around.maxDataBytes);
      const entered = this.outcome(enter(this.scene, stateOf(this.scene)), mock);
      if (entered.type === 'Leave') withinLimits(entered.left.output, 'The output', this.scene.around.maxDataBytes);
      return entered;
    });
    if (move.type === 'Wait') throw new MockMissing('The state waits for work.');
    return move.type === 'Fail' ? this.failed(move.failure) : { status: 'SUCCEEDED', ...this.leave(move) };
  }

  private attempt<T>(evaluate: () => T): T | Extract<Move, { type: 'Fail' }> {
    try {
      return evaluate();
    } catch (error) {
      // AWS's TestState does not say which state failed: there is one.
      return { type: 'Fail', failure: failureIn({ ...this.scene.frame, stateName: '' }, error) };
    }
  }

  /** A wait is over at once; what would be asked for is what the mock says. */
  private outcome(move: Move, mock: TestStateOptions['mock']): Move {
    const state = stateOf(this.scene);
    if (move.type !== 'Wait') return move;
    if (state.Type === 'Wait') return leaveWait(this.scene, state);
    if (!mock) throw new MockMissing(`A ${state.Type} state needs a mocked result or error.`);
    const failure = state.Type === 'Map' ? this.mapFailure(state, move) : undefined;
    if ('error' in mock) return { type: 'Fail', failure: mock.error };
    if (failure) return { type: 'Fail', failure };
    if (state.Type !== 'Task' && state.Type !== 'Parallel' && state.Type !== 'Map') return move;
    const result = withinLimits(mock.result, 'The result', this.scene.around.maxDataBytes);
    if (state.Type !== 'Map') this.inspection['result'] = result;
    const left = languageOf(this.scene, state).complete(this.scene, state, this.scene.frame.input, mock.result);
    return { type: 'Leave', left, next: state.Next };
  }

  private mapFailure(state: MapState, move: Move): Failure | undefined {
    const { inspection, failure } = tryMap(this.scene, state, move, this.mapTrial);
    Object.assign(this.inspection, inspection);
    return failure;
  }

  private failed(failure: Failure): TestStateResult {
    const state = stateOf(this.scene);
    const move = this.attempt(
      () => retried(this.scene, state, failure.error) ?? caught(this.scene, state, failure, failure.error),
    );
    // A catcher that fails is not caught again.
    const { error, cause } = move?.type === 'Fail' ? move.failure : failure;
    const told = { error, cause };
    if (move?.type === 'Wait') {
      const at = move.commands?.find(({ type }) => type === 'StartTimer');
      const delay = at && 'at' in at ? (at.at - this.scene.around.now) / 1000 : 0;
      const retryIndex = retrierFor(retriersOf(state), failure.error)?.index ?? 0;
      this.inspection['errorDetails'] = { retryIndex, retryBackoffIntervalSeconds: delay };
      return { status: 'RETRIABLE', ...told, inspectionData: this.inspection };
    }
    if (move?.type !== 'Leave') return { status: 'FAILED', ...told, inspectionData: this.inspection };
    const catchers = 'Catch' in state ? (state.Catch ?? []) : [];
    this.inspection['errorDetails'] = { catchIndex: catcherFor(catchers, failure.error)?.index ?? 0 };
    return { status: 'CAUGHT_ERROR', ...told, ...this.leave(move) };
  }

  private leave({
    left: { output, assigned },
    next,
  }: Extract<Move, { type: 'Leave' }>): Pick<TestStateResult, 'output' | 'nextState' | 'inspectionData'> {
    if (assigned) this.inspection['variables'] = withVariables(this.scene, assigned).variables ?? {};
    return { output, ...(next !== undefined && { nextState: next }), inspectionData: this.inspection };
  }
}

const retriersOf = (state: State) => ('Retry' in state ? (state.Retry ?? []) : []);
