import type { State } from '../definition.js';
import type { Scene } from '../scene.js';
import { stateOf } from '../scene.js';
import { JSON_PATH } from './json-path.js';
import { JSONATA } from './jsonata.js';
import type { QueryLanguage } from './language.js';

/** A state's own language, else the whole machine's: that of a Parallel or Map state does not count for what is inside. */
export const languageOf = (scene: Scene, state: State = stateOf(scene)): QueryLanguage =>
  (state.QueryLanguage ?? scene.queryLanguage) === 'JSONata' ? JSONATA : JSON_PATH;
