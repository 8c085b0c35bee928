import { choose } from '../choice/choose.js';
import { effectiveInput, passOn, placeResult, workInput } from '../data-flow.js';
import type { ChoiceState, PassState, State, SucceedState } from '../definition.js';
import { enterMapRun, isDistributed } from '../map-run/enter-map-run.js';
import { type Move, type Scene, sources } from '../scene.js';
import { enterMap, enterParallel } from './children.js';
import { enterFail } from './fail.js';
import { runTask } from './task.js';
import { enterWait } from './wait.js';

/** What a state does when control comes to it, or comes back for a retry. */
export function enter(scene: Scene, state: State): Move {
  switch (state.Type) {
    case 'Task':
      return runTask(scene, state);
    case 'Pass':
      return pass(scene, state);
    case 'Choice':
      return decide(scene, state);
    case 'Wait':
      return enterWait(scene, state);
    case 'Succeed':
      return succeed(scene, state);
    case 'Fail':
      return enterFail(scene, state);
    case 'Parallel':
      return enterParallel(scene, state);
    case 'Map':
      return isDistributed(state) ? enterMapRun(scene, state) : enterMap(scene, state);
  }
}

function pass(scene: Scene, state: PassState): Move {
  const result = state.Result === undefined ? workInput(scene, state) : state.Result;
  const output = passOn(scene, state, placeResult(scene, state.ResultPath, result));
  return { type: 'Leave', output, next: state.Next };
}

function decide(scene: Scene, state: ChoiceState): Move {
  const input = effectiveInput(scene, state);
  const next = choose(state, sources(scene, input));
  return { type: 'Leave', output: passOn(scene, state, input), next };
}

const succeed = (scene: Scene, state: SucceedState): Move => ({
  type: 'Leave',
  output: passOn(scene, state, effectiveInput(scene, state)),
  next: undefined,
});
