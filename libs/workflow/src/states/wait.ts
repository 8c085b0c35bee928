import type { WaitState } from '../definition.js';
import { languageOf } from '../language/language-of.js';
import type { Given } from '../language/language.js';
import { numberIn } from '../language/numbers.js';
import type { Move, Scene } from '../scene.js';
import { parseTimestamp } from '../timestamp.js';

const SECONDS = { least: 0, most: 99_999_999, wanted: 'an integer value from 0 to 99999999' };

export function enterWait(scene: Scene, state: WaitState): Move {
  const at = endOf(scene, state);
  if (at <= scene.around.now) return leaveWait(scene, state);
  const step = scene.frame.step + 1;
  return { type: 'Wait', waiting: 'wait', commands: [{ type: 'StartTimer', step, kind: 'wait', at }] };
}

export function leaveWait(scene: Scene, state: WaitState): Move {
  const language = languageOf(scene, state);
  return { type: 'Leave', left: language.passOn(scene, state, language.input(scene, state)), next: state.Next };
}

function endOf(scene: Scene, state: WaitState): number {
  const language = languageOf(scene, state);
  const input = language.input(scene, state);
  const seconds = language.given(scene, state, 'Seconds', input);
  if (seconds) return scene.around.now + numberIn(seconds, SECONDS) * 1000;
  return timeOf(language.given(scene, state, 'Timestamp', input) as Given);
}

function timeOf(given: Given): number {
  const time = typeof given.value === 'string' ? parseTimestamp(given.value) : undefined;
  if (time !== undefined) return time;
  throw given.wrong('a timestamp of RFC 3339 with an upper-case T and Z', 'string');
}
