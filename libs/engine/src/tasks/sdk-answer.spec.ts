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

  it('has its members in the order of AWS', () => {
    const answer = sdkAnswer({ StartDate: 1, ExecutionArn: 'e' }, 'task-1') as Record<string, object>;
    expect(Object.keys(answer)).toEqual(['ExecutionArn', 'SdkHttpMetadata', 'SdkResponseMetadata', 'StartDate']);
    const { AllHttpHeaders, HttpHeaders } = lambdaAnswer(null, 'task-1')['SdkHttpMetadata'] as Record<string, object>;
    expect(Object.keys(AllHttpHeaders ?? {})).toEqual([
      'X-Amz-Executed-Version',
      'x-amzn-Remapped-Content-Length',
      'Connection',
      'x-amzn-RequestId',
      'Content-Length',
      'Date',
      'Content-Type',
    ]);
    expect(Object.keys(HttpHeaders ?? {})).toEqual([
      'Connection',
      'Content-Length',
      'Content-Type',
      'Date',
      'X-Amz-Executed-Version',
      'x-amzn-Remapped-Content-Length',
      'x-amzn-RequestId',
    ]);
  });
});
