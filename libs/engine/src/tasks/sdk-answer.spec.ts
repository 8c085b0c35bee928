import { describe, expect, it } from '@jest/globals';
import { lambdaAnswer, sdkAnswer } from './sdk-answer.js';

describe('lambdaAnswer', () => {
  it('has the members that AWS gives, the result as Payload', () => {
    expect(lambdaAnswer({ ü: 1 }, 'task-1')).toEqual({
      ExecutedVersion: '$LATEST',
      Payload: { ü: 1 },
      SdkHttpMetadata: {
        AllHttpHeaders: expect.objectContaining({
          'Content-Length': ['8'],
          'Content-Type': ['application/json'],
          'X-Amz-Executed-Version': ['$LATEST'],
          'x-amzn-RequestId': ['task-1'],
        }),
        HttpHeaders: expect.objectContaining({ 'Content-Length': '8', 'x-amzn-Remapped-Content-Length': '0' }),
        HttpStatusCode: 200,
      },
      SdkResponseMetadata: { RequestId: 'task-1' },
      StatusCode: 200,
    });
  });
});

describe('sdkAnswer', () => {
  it('tells of the request beside the answer', () => {
    expect(sdkAnswer({ MessageId: 'm' }, 'task-1')).toMatchObject({
      MessageId: 'm',
      SdkHttpMetadata: { HttpStatusCode: 200, HttpHeaders: { Connection: 'keep-alive' } },
      SdkResponseMetadata: { RequestId: 'task-1' },
    });
  });
});
