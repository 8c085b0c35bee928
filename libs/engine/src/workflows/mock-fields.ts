import { InvalidRequest } from '@app/common';
import type { Json, JsonObject, State } from '@app/workflow';

/** How exactly a mocked result has to look like what the integration gives (AWS's TestState). */
export type FieldValidationMode = 'STRICT' | 'PRESENT' | 'NONE';

type Kind = 'string' | 'number' | 'boolean' | 'object' | 'array';
interface Shape {
  readonly required?: readonly string[];
  readonly fields: Readonly<Record<string, Kind>>;
}

const DESCRIBED = {
  required: ['ExecutionArn', 'StartDate', 'StateMachineArn', 'Status'],
  fields: strings('Cause', 'Error', 'ExecutionArn', 'Name', 'StartDate', 'StateMachineArn', 'Status', 'StopDate'),
};
const SENT = strings('MessageId', 'SequenceNumber', 'MD5OfMessageBody', 'MD5OfMessageAttributes');
const OBJECT: Shape = {
  fields: {
    ...strings('ContentType', 'ETag', 'LastModified', 'VersionId'),
    ContentLength: 'number',
    Metadata: 'object',
  },
};

/** What the integrations give, as far as it has a type of its own. A date is text there, also where it is a number in a run. */
const SHAPES: Readonly<Record<string, Shape>> = {
  'lambda:invoke': {
    fields: { ...strings('ExecutedVersion', 'FunctionError', 'LogResult'), StatusCode: 'number' },
  },
  'states:startExecution': { required: ['ExecutionArn', 'StartDate'], fields: strings('ExecutionArn', 'StartDate') },
  'states:startExecution.sync': DESCRIBED,
  'states:startExecution.sync:2': DESCRIBED,
  'sns:publish': { fields: SENT },
  'sqs:sendMessage': { fields: SENT },
  'aws-sdk:s3:getObject': OBJECT,
  'aws-sdk:s3:headObject': OBJECT,
  'aws-sdk:s3:putObject': { fields: strings('ETag', 'VersionId') },
  'aws-sdk:s3:copyObject': { fields: { CopyObjectResult: 'object' } },
  'aws-sdk:s3:listObjectsV2': {
    fields: {
      ...strings('Name', 'NextContinuationToken', 'Prefix'),
      Contents: 'array',
      IsTruncated: 'boolean',
      KeyCount: 'number',
      MaxKeys: 'number',
    },
  },
};

/** What AWS refuses of a mocked result. PRESENT looks at the fields that are there, NONE at nothing; others may be there, too. */
export function checkMock(state: State, result: Json, mode: FieldValidationMode): void {
  const shape = state.Type === 'Task' ? SHAPES[integrationOf(state.Resource)] : undefined;
  if (!shape || mode === 'NONE') return;
  const problems = isObject(result) ? problemsOf(shape, result, mode) : [{ at: '', message: 'must be an object' }];
  if (problems.length === 0) return;
  throw new InvalidRequest(problems.map(({ at, message }) => ({ pointer: `/mock/result${at}`, message })));
}

function problemsOf({ required = [], fields }: Shape, result: JsonObject, mode: FieldValidationMode) {
  const missing = mode === 'STRICT' ? required.filter((field) => !Object.hasOwn(result, field)) : [];
  const wrong = Object.entries(fields).filter(
    ([field, kind]) => Object.hasOwn(result, field) && kindOf(result[field] ?? null) !== kind,
  );
  return [
    ...missing.map((field) => ({ at: '', message: `Required field '${field}' is missing` })),
    ...wrong.map(([field, kind]) => {
      const article = /^[aeiou]/.test(kind) ? 'an' : 'a';
      return { at: `/${field}`, message: `Field '${field}' must be ${article} ${kind}` };
    }),
  ];
}

/** Undefined to the table, if it is none: what waits for a token is answered by anything. */
const integrationOf = (resource: string): string => /^arn:[^:]+:states:[^:]*:[^:]*:(.+)$/.exec(resource)?.[1] ?? '';

function strings(...names: readonly string[]): Record<string, Kind> {
  return Object.fromEntries(names.map((name) => [name, 'string']));
}

const isObject = (value: Json): value is JsonObject => kindOf(value) === 'object';

function kindOf(value: Json): Kind | 'null' {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'array' : (typeof value as Kind);
}
