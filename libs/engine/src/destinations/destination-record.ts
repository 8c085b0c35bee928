import type { Task } from '@app/queue';
import type { Json, JsonObject } from '@app/workflow';

export interface DestinationFacts {
  readonly task: Task;
  readonly version: number | undefined;
  readonly condition: string;
  readonly calls: number;
  readonly at: string;
}

/** What AWS Lambda tells a destination of the end of an asynchronous invocation, version 1.0. */
export function destinationRecord({ task, version, condition, calls, at }: DestinationFacts): JsonObject {
  const qualifier = version === undefined ? '$LATEST' : String(version);
  const hasRun = calls > 0;
  const hasFailed = task.status !== 'SUCCEEDED';
  return {
    version: '1.0',
    timestamp: at,
    requestContext: {
      requestId: task.id,
      functionArn: `arn:aws:lambda:spool:${task.namespace}:function:${task.resource}:${qualifier}`,
      condition,
      approximateInvokeCount: calls,
    },
    requestPayload: (task.payload ?? null) as Json,
    ...(hasRun && {
      responseContext: {
        statusCode: 200,
        executedVersion: qualifier,
        ...(hasFailed && { functionError: 'Unhandled' }),
      },
      responsePayload: hasFailed ? failureOf(task) : ((task.output ?? null) as Json),
    }),
  };
}

function failureOf({ error = 'Error', cause = '' }: Task): JsonObject {
  const { errorMessage, errorType, trace } = detailsOf(cause);
  return {
    errorMessage: typeof errorMessage === 'string' ? errorMessage : cause,
    errorType: typeof errorType === 'string' ? errorType : error,
    stackTrace: Array.isArray(trace) ? trace : [],
  };
}

function detailsOf(cause: string): Partial<JsonObject> {
  try {
    const details = JSON.parse(cause) as Json;
    return details !== null && typeof details === 'object' && !Array.isArray(details) ? (details as JsonObject) : {};
  } catch {
    return {};
  }
}
