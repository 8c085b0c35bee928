import type { Progress } from '@app/worker-api';
import type { Json } from './failure.js';

/** One piece of work for an instance. */
export interface Invocation {
  readonly requestId: string;
  readonly payload: Json;
  /** The payload as it came, if it is there as bytes: then it is passed on as these. */
  readonly event?: Buffer;
  /** Milliseconds since the epoch. */
  readonly deadlineMs: number;
  readonly functionArn: string;
  readonly inputs: Readonly<Record<string, string>>;
  readonly outputs: Readonly<Record<string, string>>;
  /** The variables of the environment that are this invocation's own. */
  readonly variables: Readonly<Record<string, string>>;
  /** JSON, from the caller. */
  readonly clientContext?: string | undefined;
  readonly onProgress: (progress: Progress) => void;
}

export const functionArn = (namespace: string, name: string, version: number): string =>
  `arn:aws:lambda:spool:${namespace}:function:${name}:${version}`;

/** X-Ray's form, in which the last two parts of an id are a time and 96 bits: ours are the task's. */
export function traceOf({ requestId }: Invocation): string {
  const hex = requestId.replaceAll('-', '').padStart(32, '0');
  return `Root=1-${hex.slice(0, 8)}-${hex.slice(8, 32)};Sampled=0`;
}

export const eventOf = ({ event, payload }: Invocation): Buffer => event ?? Buffer.from(JSON.stringify(payload));

/** What the headers say, for who takes frames instead. */
export function headOf(invocation: Invocation): string {
  const { requestId: id, deadlineMs, functionArn: arn, clientContext, inputs, outputs, variables } = invocation;
  return JSON.stringify({ id, deadlineMs, arn, trace: traceOf(invocation), clientContext, inputs, outputs, variables });
}

export function headersOf(invocation: Invocation): Record<string, string> {
  const { requestId, deadlineMs, functionArn: arn, clientContext, inputs, outputs, variables } = invocation;
  return {
    'content-type': 'application/json',
    'lambda-runtime-aws-request-id': requestId,
    'lambda-runtime-deadline-ms': String(deadlineMs),
    'lambda-runtime-invoked-function-arn': arn,
    'lambda-runtime-trace-id': traceOf(invocation),
    ...(clientContext !== undefined && { 'lambda-runtime-client-context': clientContext }),
    'spool-files': encodeURIComponent(JSON.stringify({ inputs, outputs })),
    'spool-variables': encodeURIComponent(JSON.stringify(variables)),
  };
}
