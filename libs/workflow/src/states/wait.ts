import type { WaitState } from '../definition.js';
import { languageOf } from '../language/language-of.js';
import type { Given } from '../language/language.js';
import { numberIn } from '../language/numbers.js';
import { QueryFailure } from '../jsonata/query-error.js';
import { runtimeFailure } from '../failure.js';
import type { Json } from '../model.js';
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
  if (seconds) return scene.around.now + secondsIn(seconds, state.SecondsPath) * 1000;
  return timeOf(language.given(scene, state, 'Timestamp', input) as Given, state.TimestampPath);
}

function secondsIn(given: Given, path: string | undefined): number {
  const { value } = given;
  if (path !== undefined && !Number.isInteger(value)) {
    throw runtimeFailure(`The SecondsPath parameter cannot be parsed as a long value: ${path} == ${shown(value)}`);
  }
  if (path !== undefined && Number(value) < 0) {
    throw runtimeFailure(`The SecondsPath parameter references a negative value: ${path} == ${shown(value)}`);
  }
  return numberIn(given, SECONDS);
}

function timeOf(given: Given, path: string | undefined): number {
  const { value } = given;
  const time = typeof value === 'string' ? parseTimestamp(value) : undefined;
  if (time !== undefined) return time;
  if (path !== undefined) {
    throw runtimeFailure(
      `The TimestampPath parameter does not reference a valid ${FORMAT}: ${path} == ${shown(value)}`,
    );
  }
  if (typeof value !== 'string') throw given.wrong(`a valid ${FORMAT}`, 'string');
  throw new QueryFailure('Timestamp', `The Timestamp field cannot be parsed as an ${FORMAT}: ${shown(value)}`);
}

const FORMAT = 'ISO-8601 extended offset date-time format string';
const shown = (value: Json): string => (typeof value === 'string' ? value : JSON.stringify(value)).slice(0, 1000);
