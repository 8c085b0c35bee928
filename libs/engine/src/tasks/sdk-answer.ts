import { type Json, type JsonObject, javaOrder } from '@app/workflow';

/**
 * An integration's answer with what AWS's SDK tells of the request; here, the request is the task. The order is AWS's: by
 * name, of headers whatever their case, and the lists of headers as they come out of Java's hash table.
 */
export function sdkAnswer(
  answer: JsonObject,
  requestId: string,
  own: Readonly<Record<string, string>> = {},
): JsonObject {
  const headers: Record<string, string> = {
    ...own,
    Connection: 'keep-alive',
    'Content-Type': 'application/json',
    Date: new Date().toUTCString(),
    'x-amzn-RequestId': requestId,
  };
  const lists = javaOrder(Object.keys(headers)).map((name): [string, Json] => [name, [headers[name] as Json]]);
  return byName({
    ...answer,
    SdkHttpMetadata: { AllHttpHeaders: Object.fromEntries(lists), HttpHeaders: byName(headers), HttpStatusCode: 200 },
    SdkResponseMetadata: { RequestId: requestId },
  });
}

const byName = (object: JsonObject): JsonObject =>
  Object.fromEntries(Object.entries(object).toSorted(([a], [b]) => (a.toLowerCase() < b.toLowerCase() ? -1 : 1)));

/** The Lambda integration's result (AWS Step Functions, "Invoke AWS Lambda"): the function's is its Payload. */
export const lambdaAnswer = (payload: Json, requestId: string): JsonObject =>
  sdkAnswer({ ExecutedVersion: '$LATEST', Payload: payload, StatusCode: 200 }, requestId, {
    'Content-Length': String(Buffer.byteLength(JSON.stringify(payload))),
    'X-Amz-Executed-Version': '$LATEST',
    'x-amzn-Remapped-Content-Length': '0',
  });
