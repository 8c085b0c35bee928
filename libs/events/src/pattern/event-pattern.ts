/**
 * An event pattern of EventBridge, compiled:
 *
 *     { "type": ["a"], "data": { "size": [{ "numeric": [">", 5] }], "$or": [{ "x": [1] }, { "y": [2] }] } }
 *
 * is a group with the leaf `type` and the child `data`; the child has the leaf `size` and one choice of two groups.
 * Everything in a group must hold; of a leaf's rules one; of a choice's groups one.
 */
export interface EventPattern {
  readonly leaves: readonly Leaf[];
  readonly children: readonly Child[];
  readonly choices: readonly (readonly EventPattern[])[];
}

export interface Leaf {
  /** From the top of the event. */
  readonly path: readonly string[];
  /** Where the rules stand, as a JSON Pointer into whatever they were read from. */
  readonly pointer: string;
  readonly rules: readonly Rule[];
}

export interface Child {
  readonly key: string;
  readonly pointer: string;
  readonly group: EventPattern;
}

export type Scalar = string | number | boolean | null;

export interface Rule {
  /** As it was written. */
  readonly written: unknown;
  readonly test: (value: Scalar) => boolean;
  /** `{"exists": false}`: holds when the event has nothing there, instead of by `test`. */
  readonly isAbsence?: true;
  /** What a value that passes `test` surely has; it is what an index can look up. */
  readonly anchor?: Anchor;
}

export type Anchor =
  | { readonly kind: 'exact'; readonly value: Scalar }
  | { readonly kind: 'prefix' | 'suffix' | 'folded'; readonly value: string };

export interface PatternProblem {
  readonly path: readonly (string | number)[];
  readonly message: string;
}
