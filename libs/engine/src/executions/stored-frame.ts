import type { Frame, Json } from '@app/workflow';
import { type Refs, split } from '../payloads/payload-marks.js';

/** The values of a frame that may be too large for its row. */
export type FrameRefs = Refs<'input' | 'output' | 'variables' | 'item' | 'items'>;
type FrameValues = Partial<Record<keyof FrameRefs, Json>>;

/** Those of a frame's values that have no bound of their own. */
export const valuesOf = ({ input, output, variables, map, items }: Frame): (Json | undefined)[] => [
  input,
  output,
  variables,
  map?.value,
  items as Json[] | undefined,
];

/** The state for the row, without what is in the object store. */
export function splitFrame(state: Frame, namespace: string): { state: Frame; refs: FrameRefs | undefined } {
  const { input, output, variables, map, items } = state;
  const given = { input, output, variables, item: map?.value, items: items as Json[] | undefined };
  const { values, refs } = split(namespace, given);
  if (!refs) return { state, refs };
  const stored = {
    ...state,
    input: values.input ?? null,
    output: values.output,
    variables: values.variables,
    items: values.items,
    ...(map && { map: { ...map, value: values.item ?? null } }),
  };
  return { state: stored as Frame, refs };
}

/** The state as the interpreter knows it. Nobody asks for the output of a frame that has ended. */
export function joinFrame(state: Frame, { input, variables, item, items }: FrameValues): Frame {
  return {
    ...state,
    ...(input !== undefined && { input }),
    ...(variables !== undefined && { variables: variables as NonNullable<Frame['variables']> }),
    ...(items !== undefined && { items: items as Json[] }),
    ...(state.map && item !== undefined && { map: { ...state.map, value: item } }),
  };
}
