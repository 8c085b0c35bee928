import type { Json, JsonObject } from '@app/workflow';

/** An integration's answer with what AWS's SDK tells of the request; here, the request is the task. */
export function sdkAnswer(
  answer: JsonObject,
  requestId: string,
  own: Readonly<Record<string, string>> = {},
): JsonObject {
  const headers = {
    ...own,
    Connection: 'keep-alive',
    'Content-Type': 'application/json',
    Date: new Date().toUTCString(),
    'x-amzn-RequestId': requestId,
  };
  const all = Object.entries(headers).map(([name, value]): [string, Json] => [name, [value]]);
  return {
    ...answer,
    SdkHttpMetadata: { AllHttpHeaders: Object.fromEntries(all), HttpHeaders: headers, HttpStatusCode: 200 },
    SdkResponseMetadata: { RequestId: requestId },
  };
}

/** The Lambda integration's result (AWS Step Functions, "Invoke AWS Lambda"): the function's is its Payload. */
export const lambdaAnswer = (payload: Json, requestId: string): JsonObject =>
  sdkAnswer({ ExecutedVersion: '$LATEST', Payload: payload, StatusCode: 200 }, requestId, {
    'Content-Length': String(Buffer.byteLength(JSON.stringify(payload))),
    'X-Amz-Executed-Version': '$LATEST',
    'x-amzn-Remapped-Content-Length': '0',
  });
