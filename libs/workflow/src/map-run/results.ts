import type { Failure, FrameStatus, Json, JsonObject } from '../model.js';
import type { WriterConfig } from './map-run.js';

/** What became of one child execution. */
export interface MapRunChild {
  readonly executionId: string;
  readonly workflow: string;
  readonly name: string;
  readonly status: FrameStatus;
  readonly input: Json;
  readonly output?: Json;
  readonly failure?: Failure;
  readonly startDate: string;
  readonly stopDate?: string;
}

/**
 * What a map run gives: the children's outputs (COMPACT), the same with arrays opened (FLATTEN), or all that is known of
 * each child (NONE). A child that failed has no output; its place is taken by what it failed with.
 */
export const mapRunResults = (
  children: readonly MapRunChild[],
  transformation: WriterConfig['transformation'],
): Json[] =>
  children.flatMap((child): Json[] => {
    const { output } = child;
    if (transformation === 'NONE') return [described(child)];
    if (child.status !== 'SUCCEEDED' || output === undefined) return [failed(child)];
    return transformation === 'FLATTEN' && Array.isArray(output) ? output : [output];
  });

const failed = ({ status, failure }: MapRunChild): JsonObject => ({
  Status: status,
  ...(failure && { Error: failure.error, Cause: failure.cause }),
});

/** The text of a result file. */
export const resultText = (results: readonly Json[], outputType: WriterConfig['outputType']): string =>
  outputType === 'JSONL' ? results.map((result) => `${JSON.stringify(result)}\n`).join('') : JSON.stringify(results);

/** As AWS exports it: the input and output are JSON texts. */
const described = (child: MapRunChild): JsonObject => ({
  ExecutionArn: child.executionId,
  Input: JSON.stringify(child.input),
  InputDetails: { Included: true },
  Name: child.name,
  ...(child.output !== undefined && { Output: JSON.stringify(child.output), OutputDetails: { Included: true } }),
  ...(child.failure && { Error: child.failure.error, Cause: child.failure.cause }),
  StartDate: child.startDate,
  StateMachineArn: child.workflow,
  Status: child.status,
  ...(child.stopDate !== undefined && { StopDate: child.stopDate }),
});
