import { isObject, typeName } from '../json.js';
import type { Json, JsonObject } from '../model.js';
import type { Check } from './checks.js';
import type { Place } from './findings.js';

const NAME = '[A-Za-z0-9][\\w.-]{0,127}';
const TOKEN = '(\\.waitForTaskToken)?';
const OURS = [
  `function:${NAME}(:(\\d{1,9}|\\$LATEST|[A-Za-z][\\w-]{0,127}))?(\\?cache=off)?${TOKEN}`,
  `arn:aws[a-z-]*:lambda:[a-z0-9-]*:\\d*:function:${NAME}(:[\\w$-]{1,128})?`,
  `workflow:${NAME}(:[A-Za-z0-9][\\w-]{0,127})?(\\.sync(:2)?|\\.waitForTaskToken)?`,
  `(arn:aws[a-z-]*:states:[a-z0-9-]*:\\d*:)?activity:[^\\s:<>{}\\[\\]?*"#%\\\\^|~\`$&,;/]{1,80}`,
  `topic:[\\w.-]{1,249}(:message)?${TOKEN}`,
].map((form) => new RegExp(`^${form}$`));
const INTEGRATION = /^arn:aws[a-z-]*:states:[a-z0-9-]*:\d*:(.+)$/;

interface Integration {
  /** Fields that the parameters must have. */
  readonly needs: readonly string[];
  /** What may follow its name. */
  readonly patterns: readonly string[];
}
const TAKES_TOKEN = ['', '.waitForTaskToken'];
const ofObject = (...needs: string[]): Integration => ({ needs, patterns: [''] });

/** Those of AWS's integrations that there is something for here. */
const INTEGRATIONS: { readonly [name: string]: Integration } = {
  'lambda:invoke': { needs: ['FunctionName'], patterns: TAKES_TOKEN },
  'states:startExecution': { needs: ['StateMachineArn'], patterns: [...TAKES_TOKEN, '.sync', '.sync:2'] },
  'sns:publish': { needs: ['TopicArn', 'Message'], patterns: TAKES_TOKEN },
  'sqs:sendMessage': { needs: ['QueueUrl', 'MessageBody'], patterns: TAKES_TOKEN },
  'aws-sdk:s3:getObject': ofObject('Bucket', 'Key'),
  'aws-sdk:s3:putObject': ofObject('Bucket', 'Key'),
  'aws-sdk:s3:copyObject': ofObject('Bucket', 'Key', 'CopySource'),
  'aws-sdk:s3:deleteObject': ofObject('Bucket', 'Key'),
  'aws-sdk:s3:headObject': ofObject('Bucket', 'Key'),
  'aws-sdk:s3:listObjectsV2': ofObject('Bucket'),
};

const integrationOf = (resource: string): Integration | undefined => {
  const api = INTEGRATION.exec(resource)?.[1];
  return Object.entries(INTEGRATIONS).find(([name, { patterns }]) => patterns.some((end) => api === name + end))?.[1];
};

export const resource: Check = (value, at) => {
  if (typeof value !== 'string') at.problem('wrong_type', `It must be a string, not ${typeName(value)}.`);
  else if (!integrationOf(value) && !OURS.some((form) => form.test(value))) {
    const known = Object.keys(INTEGRATIONS).join(', ');
    at.problem(
      'unknown_resource',
      `'${value}' is no resource: it must be function:NAME[:QUALIFIER], workflow:NAME[:QUALIFIER], activity:NAME, topic:NAME[:message], ` +
        `the ARN of a Lambda function or activity, or arn:aws:states::: with ${known}.`,
    );
  }
};

/** What the resource needs to be told, and what one that waits has to hand on. */
export function checkTaskResource(state: JsonObject, at: Place): void {
  const { Resource } = state;
  if (typeof Resource !== 'string') return;
  const field = at.setting.language === 'JSONata' ? 'Arguments' : 'Parameters';
  checkParameters(Resource, state[field], field, at);
  if (/^topic:.*:message/.test(Resource)) checkFields(Resource, ['Value'], { parameters: state[field], field, at });
  const needsToken = Resource.endsWith('.waitForTaskToken');
  if (needsToken && !JSON.stringify(state[field] ?? null).includes('Task.Token')) {
    const token = at.setting.language === 'JSONata' ? '$states.context.Task.Token' : '$$.Task.Token';
    at.warn('token_not_passed_on', `Nobody can answer: ${field} does not hand on ${token}.`);
  }
  const isAnswered = needsToken || /(^|:)activity:/.test(Resource);
  if (Object.hasOwn(state, 'HeartbeatSeconds') && !isAnswered) {
    at.in('HeartbeatSeconds').warn('no_heartbeats', 'Only activities and tasks that wait for a token send heartbeats.');
  }
  const limits = ['TimeoutSeconds', 'TimeoutSecondsPath', 'HeartbeatSeconds', 'HeartbeatSecondsPath'];
  if (isAnswered && at.setting.timeoutSeconds === undefined && !limits.some((name) => Object.hasOwn(state, name))) {
    at.warn(
      'endless_wait',
      'Without a timeout or heartbeat, a task that is never answered holds the execution for ever.',
    );
  }
}

function checkParameters(name: string, parameters: Json | undefined, field: string, at: Place): void {
  const integration = integrationOf(name);
  if (integration) checkFields(name, integration.needs, { parameters, field, at });
}

interface Given {
  readonly parameters: Json | undefined;
  readonly field: string;
  readonly at: Place;
}

function checkFields(name: string, needs: readonly string[], { parameters, field, at }: Given): void {
  if (typeof parameters === 'string' && parameters.startsWith('{%')) return;
  for (const needed of needs) {
    const isThere = isObject(parameters) && [needed, `${needed}.$`].some((key) => Object.hasOwn(parameters, key));
    if (!isThere) at.problem('missing_field', `${name} needs ${field} with a '${needed}'.`);
  }
}
