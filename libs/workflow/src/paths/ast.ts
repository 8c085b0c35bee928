/**
 * A path as AWS reads it, whose library is Jayway's of 2015: no functions (`length()` is the name of a field), `==` and
 * its like in filters, and no words (`in`, `size`).
 *
 *   $.media[0]..tracks[?(@.lang == 'de')]['url', 'size']
 */
export type Step =
  /** Several make one object of those that are there. */
  | { readonly kind: 'names'; readonly names: readonly string[] }
  | { readonly kind: 'indexes'; readonly indexes: readonly number[] }
  | { readonly kind: 'slice'; readonly from: number | undefined; readonly to: number | undefined }
  | { readonly kind: 'every' }
  /** The next step, at each place from here down. */
  | { readonly kind: 'deep' }
  | { readonly kind: 'filter'; readonly condition: Condition };

/** What stands in `[?( … )]`. */
export type Condition =
  | { readonly kind: 'any' | 'all'; readonly of: readonly Condition[] }
  | { readonly kind: 'not'; readonly condition: Condition }
  | { readonly kind: 'exists'; readonly path: FilterPath }
  | { readonly kind: 'compare'; readonly left: Operand; readonly operator: string; readonly right: Operand };

export type Operand = { readonly path: FilterPath } | { readonly text: string };

export interface FilterPath {
  /** `$`, instead of the item. */
  readonly ofRoot: boolean;
  readonly steps: readonly Step[];
}

/** Whether it names one place. */
export const isDefinite = (step: Step): boolean =>
  step.kind === 'names' || (step.kind === 'indexes' && step.indexes.length === 1);
