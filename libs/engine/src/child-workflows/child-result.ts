import type { ResultShape } from '@app/queue';
import type { Failure, Json, JsonObject } from '@app/workflow';
import { type Execution, isRedrivable } from '../executions/execution.js';
import type { Outcome } from '../tasks/happenings.js';

/** What AWS answers to StartExecution, with its dates as the integration gives them: milliseconds. */
export const started = ({ id, startedAt }: Execution): JsonObject => ({
  ExecutionArn: id,
  StartDate: startedAt.getTime(),
});

/** What the end of a child is to the state that waits for it. */
export function childResult(child: Execution, shape: ResultShape): Outcome {
  const { status, output = null } = child;
  if (status !== 'SUCCEEDED') return { type: 'Failed', failure: shape === 'plain' ? own(child) : asOnAws(child) };
  return { type: 'Succeeded', output: shape === 'plain' ? output : describe(child, shape) };
}

/** `workflow:NAME` is called like a function: it fails with the error that its child failed with. */
function own({ status, error, cause, id }: Execution): Failure {
  const unnamed = status === 'TIMED_OUT' ? 'States.Timeout' : 'States.TaskFailed';
  return { error: error || unnamed, cause: cause || `The execution ${id} ended as ${status}` };
}

/** Whatever the child's error was, it is States.TaskFailed to the parent; the cause describes the child. */
const asOnAws = (child: Execution): Failure => ({
  error: 'States.TaskFailed',
  cause: JSON.stringify(describe(child, 'sync')),
});

/**
 * DescribeExecution's answer as AWS passes it on: members in the order of their names, the input and output as texts
 * for `.sync` and as JSON for `.sync:2`.
 */
function describe(child: Execution, shape: ResultShape): JsonObject {
  const data = (value: Json): Json => (shape === 'sync2' ? value : JSON.stringify(value));
  const { id, name, input, output, status, error, cause, workflow, version, startedAt, endedAt } = child;
  const isTold = status !== 'TIMED_OUT';
  return {
    ...(isTold && cause && { Cause: cause }),
    ...(isTold && error && { Error: error }),
    ExecutionArn: id,
    Input: data(input),
    InputDetails: { Included: true },
    Name: name,
    ...(output !== undefined && { Output: data(output), OutputDetails: { Included: true } }),
    RedriveCount: child.redriveCount,
    RedriveStatus: isRedrivable(child) ? 'REDRIVABLE' : 'NOT_REDRIVABLE',
    ...(status === 'SUCCEEDED' && {
      RedriveStatusReason: 'Execution is SUCCEEDED and cannot be redriven',
    }),
    StartDate: startedAt.getTime(),
    StateMachineArn: `workflow:${workflow}:${version}`,
    Status: status,
    ...(endedAt && { StopDate: endedAt.getTime() }),
  };
}
