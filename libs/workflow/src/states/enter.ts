import type { ChoiceState, PassState, State, SucceedState } from '../definition.js';
import { languageOf } from '../language/language-of.js';
import { enterMapRun, isDistributed } from '../map-run/enter-map-run.js';
import type { Move, Scene } from '../scene.js';
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
  const language = languageOf(scene, state);
  const input = state.Result === undefined ? language.input(scene, state) : scene.frame.input;
  return { type: 'Leave', left: language.pass(scene, state, input), next: state.Next };
}

function decide(scene: Scene, state: ChoiceState): Move {
  const language = languageOf(scene, state);
  const input = language.input(scene, state);
  const chosen = language.choose(scene, state, input);
  return { type: 'Leave', left: language.leaveChoice(scene, state, input, chosen), next: chosen.next };
}

function succeed(scene: Scene, state: SucceedState): Move {
  const language = languageOf(scene, state);
  return { type: 'Leave', left: language.passOn(scene, state, language.input(scene, state)), next: undefined };
}
