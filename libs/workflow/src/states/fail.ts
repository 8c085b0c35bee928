import type { FailState } from '../definition.js';
import { languageOf } from '../language/language-of.js';
import { textIn } from '../language/numbers.js';
import type { Json } from '../model.js';
import type { Move, Scene } from '../scene.js';

export function enterFail(scene: Scene, state: FailState): Move {
  const language = languageOf(scene, state);
  const input = language.input(scene, state);
  const text = (name: 'Error' | 'Cause', from: Json): string => {
    const given = language.given(scene, state, name, from);
    return given ? textIn(given) : '';
  };
  return { type: 'Fail', failure: { error: text('Error', input), cause: text('Cause', input) } };
}
