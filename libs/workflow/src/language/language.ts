import type { Catcher, ChoiceRule, ChoiceState, MapState, PassState, WorkingState } from '../definition.js';
import type { AslFailure } from '../failure.js';
import type { Json, JsonObject } from '../model.js';
import type { Left, Scene } from '../scene.js';

/** A field's value, wherever it came from. */
export interface Given {
  readonly value: Json;
  /** The failure for a value that is not what is wanted ("a positive integer"), of a type ("number"). */
  wrong(wanted: string, type: string): AslFailure;
}

/** The rule that matched, and where it stands; the default has none. */
export interface Chosen {
  readonly next: string;
  readonly rule?: ChoiceRule;
  readonly index?: number;
}

/** Fields by which a state says what it works on, or sends on. Which of them it may have is its language's. */
export interface DataFields {
  readonly Type?: string;
  readonly InputPath?: string | null;
  readonly OutputPath?: string | null;
  readonly Parameters?: Json;
  readonly Arguments?: Json;
  readonly Output?: Json;
  readonly Assign?: JsonObject;
}

/** How the fields of a state get their values: JSONPath or JSONata. */
export interface QueryLanguage {
  /** What the state works on. */
  input(scene: Scene, state: DataFields): Json;
  /** What is sent to the work. */
  workInput(scene: Scene, state: DataFields, input: Json): Json;
  /** A template of the state with all its expressions evaluated; `field` is where it stands. */
  evaluate(scene: Scene, template: Json, field: string, input: Json): Json;
  /** The field of that name, which may be an expression or stand at a path. */
  given(scene: Scene, fields: object, name: string, input: Json): Given | undefined;
  /** What a Map state goes through. */
  items(scene: Scene, state: MapState, input: Json): Given;
  choose(scene: Scene, state: ChoiceState, input: Json): Chosen;
  /** The end of a state that had work done for it. */
  complete(scene: Scene, state: WorkingState, input: Json, result: Json): Left;
  pass(scene: Scene, state: PassState, input: Json): Left;
  /** The end of a state without a result. */
  passOn(scene: Scene, state: DataFields, input: Json): Left;
  leaveChoice(scene: Scene, state: ChoiceState, input: Json, chosen: Chosen): Left;
  caught(scene: Scene, catcher: Catcher, index: number, errorOutput: JsonObject): Left;
}
