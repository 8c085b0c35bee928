import type { Failure, Json } from '@app/workflow';
import { readClientContext } from '../functions/client-context.js';
import { addressed, keyed } from './message-attributes.js';
import { isObjectAction, type ObjectAction } from './object-action.js';
import { given, type Parameters, startExecution, toParameters } from './resource-parameters.js';

interface Named {
  readonly name: string;
  readonly qualifier: string | undefined;
}

/** What a Task state's `Resource` names, whichever way it is written, and what it is given. */
export type Resource = (
  | ({
      readonly kind: 'function';
      readonly payload: Json;
      readonly shape: 'plain' | 'lambda';
      readonly skipCache?: boolean;
      /** JSON, for the function's context. */
      readonly clientContext?: string;
    } & Named)
  | {
      readonly kind: 'topic';
      readonly topic: string;
      readonly payload: Json;
      readonly shape: 'plain' | 'message' | 'sns' | 'sqs';
    }
  | { readonly kind: 'activity'; readonly name: string; readonly payload: Json }
  | ({
      readonly kind: 'workflow';
      readonly input: Json;
      readonly executionName: string | undefined;
      readonly shape: 'plain' | 'started' | 'sync' | 'sync2';
    } & Named)
  | { readonly kind: 'object'; readonly action: ObjectAction; readonly parameters: Parameters }
) & {
  /** Handed out is not done: who has the token ends the state. */
  readonly awaitsToken: boolean;
};

const TOKEN = '.waitForTaskToken';
const FUNCTION = /^function:([^:?]+)(?::([^:?]+))?$/;
const NO_CACHE = '?cache=off';
const LAMBDA_ARN = /^arn:aws[a-z-]*:lambda:[^:]*:[^:]*:function:([^:]+)(?::([^:]+))?$/;
/** With or without `.sync`, it waits for the end. */
const WORKFLOW = /^workflow:([^:]+?)(?::([^:]+?))?(?:\.sync(?::2)?)?$/;
const ACTIVITY = /^(?:arn:aws[a-z-]*:states:[^:]*:[^:]*:)?activity:([^:]+)$/;
const TOPIC = /^topic:([^:]+)(:message)?$/;
const INTEGRATION = /^arn:aws[a-z-]*:states:[^:]*:[^:]*:(.+)$/;
const OBJECT = /^aws-sdk:s3:(.+)$/;

/** A failure for what names nothing here, or is given what it cannot use. */
export function parseResource(resource: string, input: Json): Resource | Failure {
  const awaitsToken = resource.endsWith(TOKEN);
  const base = awaitsToken ? resource.slice(0, -TOKEN.length) : resource;
  const parsed = ofOurOwn(base, input, awaitsToken) ?? integration(base, input, awaitsToken);
  if (parsed && 'error' in parsed) return parsed;
  // An activity has a token of its own, and an object nobody to give one to.
  const takesToken = parsed && parsed.kind !== 'activity' && parsed.kind !== 'object';
  if (parsed && (takesToken || !awaitsToken)) return { ...parsed, awaitsToken };
  return runtimeFailure(`The resource ${resource} names nothing that can run`);
}

type Parsed = Resource extends infer Each ? (Each extends Resource ? Omit<Each, 'awaitsToken'> : never) : never;

function ofOurOwn(resource: string, input: Json, awaitsToken: boolean): Parsed | Failure | undefined {
  const [, topic, isMessage] = TOPIC.exec(resource) ?? [];
  if (topic && isMessage) return keyedMessage(topic, input);
  if (topic) return { kind: 'topic', topic, payload: input, shape: 'plain' };
  const activity = ACTIVITY.exec(resource)?.[1];
  if (activity) return { kind: 'activity', name: activity, payload: input };
  const workflow = named(WORKFLOW, resource);
  const shape = awaitsToken ? 'started' : 'plain';
  if (workflow) return { kind: 'workflow', ...workflow, input, executionName: undefined, shape };
  const skipCache = resource.endsWith(NO_CACHE);
  const bare = skipCache ? resource.slice(0, -NO_CACHE.length) : resource;
  const found = named(FUNCTION, bare) ?? named(LAMBDA_ARN, resource);
  return found && { kind: 'function', ...found, payload: input, shape: 'plain', ...(skipCache && { skipCache }) };
}

function integration(resource: string, input: Json, awaitsToken: boolean): Parsed | Failure | undefined {
  const api = INTEGRATION.exec(resource)?.[1];
  if (!api) return undefined;
  const parameters = toParameters(input);
  if (!parameters) return runtimeFailure(`${resource} needs an object of parameters`);
  switch (api) {
    case 'lambda:invoke':
      return lambdaInvoke(parameters);
    case 'states:startExecution':
      return startExecution(parameters, 'started');
    case 'states:startExecution.sync':
      return awaitsToken ? undefined : startExecution(parameters, 'sync');
    case 'states:startExecution.sync:2':
      return awaitsToken ? undefined : startExecution(parameters, 'sync2');
    case 'sns:publish':
      return message(parameters, { topic: 'TopicArn', payload: 'Message', shape: 'sns' });
    case 'sqs:sendMessage':
      return message(parameters, { topic: 'QueueUrl', payload: 'MessageBody', shape: 'sqs' });
  }
  const action = OBJECT.exec(api)?.[1];
  return action && isObjectAction(action) ? { kind: 'object', action, parameters } : undefined;
}

/**
 * Parameters of the AWS Lambda `Invoke` integration: FunctionName (name, name:qualifier or ARN), Payload, Qualifier,
 * ClientContext (base64). A Payload of null is not sent, and Lambda makes an empty object of nothing.
 */
function lambdaInvoke(parameters: Parameters): Parsed | Failure {
  const { Payload, Qualifier: qualifier, ClientContext: encoded } = parameters;
  const payload = Payload ?? {};
  const wanted = given(parameters, 'FunctionName');
  if (typeof wanted !== 'string') return wanted;
  const found = named(FUNCTION, wanted) ?? named(LAMBDA_ARN, wanted) ?? named(FUNCTION, `function:${wanted}`);
  if (!found) return runtimeFailure(`The FunctionName '${wanted}' names no function`);
  const chosen = typeof qualifier === 'string' ? qualifier : found.qualifier;
  const invoke = { kind: 'function', shape: 'lambda', name: found.name, qualifier: chosen, payload } as const;
  if (encoded === undefined) return invoke;
  const clientContext = typeof encoded === 'string' ? readClientContext(encoded) : { rule: 'must be a text' };
  if (typeof clientContext !== 'string') return runtimeFailure(`The field 'ClientContext' ${clientContext.rule}`);
  return { ...invoke, clientContext, skipCache: true }; // What is known of its result is of the event alone.
}

/** `Value`, with a `Key` and `Headers` if they are given. */
function keyedMessage(topic: string, input: Json): Parsed | Failure {
  const parameters = toParameters(input);
  const payload = parameters && keyed(parameters);
  if (payload && 'error' in payload) return runtimeFailure(payload.error);
  if (!payload) return runtimeFailure(`topic:${topic}:message needs an object with a 'Value'`);
  return { kind: 'topic', topic, payload: payload.envelope, shape: 'message' };
}

/** A topic stands for those of SNS and the queues of SQS; the last part of the ARN or address is its name. */
function message(
  parameters: Parameters,
  fields: { topic: string; payload: string; shape: 'sns' | 'sqs' },
): Parsed | Failure {
  const address = given(parameters, fields.topic);
  if (typeof address !== 'string') return address;
  const topic = address.split(/[:/]/).at(-1) ?? '';
  const payload = parameters[fields.payload];
  if (topic === '' || payload === undefined) {
    return runtimeFailure(`The field '${topic === '' ? fields.topic : fields.payload}' is required`);
  }
  return { kind: 'topic', topic, payload: addressed(payload, parameters), shape: fields.shape };
}

function named(form: RegExp, text: string): Named | undefined {
  const match = form.exec(text);
  return match?.[1] ? { name: match[1], qualifier: match[2] } : undefined;
}

const runtimeFailure = (cause: string): Failure => ({ error: 'States.Runtime', cause });
