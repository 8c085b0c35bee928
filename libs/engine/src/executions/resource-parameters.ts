import type { Failure, Json, JsonObject } from '@app/workflow';

export type Parameters = JsonObject;

const STATE_MACHINE = /^(?:arn:aws[a-z-]*:states:[^:]*:[^:]*:stateMachine:|workflow:)?([^:]+)(?::([^:]+))?$/;
const NAME = /^[A-Za-z0-9._-]{1,80}$/;

export const toParameters = (input: Json): Parameters | undefined =>
  typeof input === 'object' && input !== null && !Array.isArray(input) ? input : undefined;

/** A text that must be there. */
export function given(parameters: Parameters, field: string): string | Failure {
  const value = parameters[field];
  if (typeof value === 'string' && value !== '') return value;
  const what = value === undefined ? `The field '${field}' is required` : `The field '${field}' must be a text`;
  return { error: 'States.Runtime', cause: what };
}

/** Parameters of `states:startExecution`: StateMachineArn (or just a name), Input (JSON, or a text of JSON), Name. */
export function startExecution<Shape extends 'started' | 'sync' | 'sync2'>(parameters: Parameters, shape: Shape) {
  const arn = given(parameters, 'StateMachineArn');
  if (typeof arn !== 'string') return arn;
  const [, name, qualifier] = STATE_MACHINE.exec(arn) ?? [];
  if (!name) return failure('StepFunctions.InvalidArnException', `The StateMachineArn '${arn}' names no workflow`);
  const { Name: executionName } = parameters;
  if (executionName !== undefined && (typeof executionName !== 'string' || !NAME.test(executionName))) {
    return failure('StepFunctions.InvalidNameException', 'Name must have 1 to 80 letters, digits, ".", "_" or "-"');
  }
  const input = inputOf(parameters);
  if (input === undefined) {
    return failure('StepFunctions.InvalidExecutionInputException', 'Input is a text that is not valid JSON');
  }
  return { kind: 'workflow', name, qualifier, input, executionName, shape } as const;
}

/** AWS takes null for nothing, which is an empty object. */
function inputOf({ Input }: Parameters): Json | undefined {
  const input = Input ?? {};
  if (typeof input !== 'string') return input;
  try {
    return JSON.parse(input) as Json;
  } catch {
    return undefined;
  }
}

const failure = (error: string, cause: string): Failure => ({ error, cause });
