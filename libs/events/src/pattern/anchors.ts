import type { Anchor, EventPattern, Leaf } from './event-pattern.js';

/** A value at a path. */
export interface Anchored {
  readonly path: readonly string[];
  readonly anchor: Anchor;
}

/** Things of which an event that matches has at least one. */
export type AnchorSet = readonly Anchored[];

/** Every way in which events that match the pattern can be found by what they have; none if there is no such way. */
export const anchorSetsOf = ({ leaves, children, choices }: EventPattern): AnchorSet[] => [
  ...leaves.flatMap((leaf) => ofLeaf(leaf)),
  ...children.flatMap(({ group }) => anchorSetsOf(group)),
  ...choices.flatMap(ofChoice),
];

export function ofLeaf({ path, rules }: Leaf): AnchorSet[] {
  const set = rules.flatMap(({ anchor }) => (anchor ? [{ path, anchor }] : []));
  return set.length === rules.length && set.length > 0 ? [set] : [];
}

function ofChoice(choice: readonly EventPattern[]): AnchorSet[] {
  const branches = choice.map((group) => anchorSetsOf(group)[0]);
  return branches.every((set) => set !== undefined) ? [branches.flat()] : [];
}
