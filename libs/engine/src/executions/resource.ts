import type { Json } from '@app/workflow';

/** What a Task state's `Resource` names, whichever way it is written. */
export type Resource =
  | { readonly kind: 'function'; readonly name: string; readonly qualifier: string | undefined; readonly payload: Json }
  /** The optimised integration: its result is wrapped as AWS wraps it. */
  | {
      readonly kind: 'lambda-invoke';
      readonly name: string;
      readonly qualifier: string | undefined;
      readonly payload: Json;
    }
  | { readonly kind: 'topic'; readonly topic: string; readonly payload: Json };

const FUNCTION = /^function:([^:]+)(?::([^:]+))?$/;
const LAMBDA_ARN = /^arn:aws[a-z-]*:lambda:[^:]*:[^:]*:function:([^:]+)(?::([^:]+))?$/;
const LAMBDA_INVOKE = /^arn:aws[a-z-]*:states:::lambda:invoke$/;
const TOPIC = /^topic:(.+)$/;

/** Undefined for a resource that names nothing here; the validator refuses it before an execution can meet it. */
export function parseResource(resource: string, input: Json): Resource | undefined {
  if (LAMBDA_INVOKE.test(resource)) return lambdaInvoke(input);
  const topic = TOPIC.exec(resource)?.[1];
  if (topic) return { kind: 'topic', topic, payload: input };
  const named = functionName(resource);
  return named && { kind: 'function', ...named, payload: input };
}

function functionName(text: string): { name: string; qualifier: string | undefined } | undefined {
  const match = FUNCTION.exec(text) ?? LAMBDA_ARN.exec(text);
  return match?.[1] ? { name: match[1], qualifier: match[2] } : undefined;
}

/** Parameters of the AWS Lambda `Invoke` integration: FunctionName (name, name:qualifier or ARN), Payload, Qualifier. */
function lambdaInvoke(input: Json): Resource | undefined {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) return undefined;
  const { FunctionName: given, Payload: payload = {}, Qualifier: qualifier } = input;
  if (typeof given !== 'string') return undefined;
  const named = functionName(given) ?? functionName(`function:${given}`);
  if (!named) return undefined;
  const chosen = typeof qualifier === 'string' ? qualifier : named.qualifier;
  return { kind: 'lambda-invoke', name: named.name, qualifier: chosen, payload };
}
