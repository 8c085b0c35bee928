import type { Frame, Json } from '@app/workflow';
import { type Refs, split } from '../payloads/payload-marks.js';

/** The values of a frame that may be too large for its row. */
export type FrameRefs = Refs<'input' | 'output' | 'variables' | 'item'>;
type FrameValues = Partial<Record<keyof FrameRefs, Json>>;

/** Those of a frame's values that have no bound of their own. */
export const valuesOf = ({ input, output, variables, map }: Frame): (Json | undefined)[] => [
  input,
  output,
  variables,
  map?.value,
];

/** The state for the row, without what is in the object store. */
export function splitFrame(state: Frame, namespace: string): { state: Frame; refs: FrameRefs | undefined } {
  const { input, output, variables, map } = state;
  const { values, refs } = split(namespace, { input, output, variables, item: map?.value });
  if (!refs) return { state, refs };
  const stored = {
    ...state,
    input: values.input ?? null,
    output: values.output,
    variables: values.variables,
    ...(map && { map: { ...map, value: values.item ?? null } }),
  };
  return { state: stored as Frame, refs };
}

/** The state as the interpreter knows it. Nobody asks for the output of a frame that has ended. */
export function joinFrame(state: Frame, { input, variables, item }: FrameValues): Frame {
  return {
    ...state,
    ...(input !== undefined && { input }),
    ...(variables !== undefined && { variables: variables as NonNullable<Frame['variables']> }),
    ...(state.map && item !== undefined && { map: { ...state.map, value: item } }),
  };
}
