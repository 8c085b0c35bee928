import { describe, expect, it } from '@jest/globals';
import { parseResource } from './resource.js';

const integration = (api: string) => `arn:aws:states:::${api}`;
const invokedWith = (ClientContext: unknown) =>
  parseResource(integration('lambda:invoke'), { FunctionName: 'f', ClientContext } as never);

describe('a resource', () => {
  it.each([
    ['function:media.probe', { kind: 'function', name: 'media.probe', qualifier: undefined, shape: 'plain' }],
    ['function:work:3', { kind: 'function', name: 'work', qualifier: '3' }],
    ['arn:aws:lambda:eu-west-1:1:function:work:live', { kind: 'function', name: 'work', qualifier: 'live' }],
    ['workflow:sub.sync', { kind: 'workflow', name: 'sub', shape: 'plain' }],
    ['workflow:media.sub:live.sync:2', { kind: 'workflow', name: 'media.sub', qualifier: 'live', shape: 'plain' }],
    ['workflow:sub:live', { kind: 'workflow', name: 'sub', qualifier: 'live', shape: 'plain', input: { n: 1 } }],
    ['activity:paint', { kind: 'activity', name: 'paint' }],
    ['arn:aws:states:eu-west-1:123456789012:activity:paint', { kind: 'activity', name: 'paint' }],
    ['topic:made', { kind: 'topic', topic: 'made', shape: 'plain', payload: { n: 1 } }],
  ])('%s is known by its form', (resource, expected) => {
    expect(parseResource(resource, { n: 1 })).toMatchObject({ ...expected, awaitsToken: false });
  });

  it('of lambda:invoke gives its ClientContext on, or says what is wrong with it', () => {
    const encoded = Buffer.from('{"custom":{"who":"Zoë"}}').toString('base64');
    expect(invokedWith(encoded)).toMatchObject({ clientContext: '{"custom":{"who":"Zo\\u00eb"}}', skipCache: true });
    expect(invokedWith('no!')).toMatchObject({
      error: 'States.Runtime',
      cause: "The field 'ClientContext' must be base64",
    });
    expect(invokedWith({})).toMatchObject({ cause: "The field 'ClientContext' must be a text" });
  });

  it('that waits for its token is the same one, handed out', () => {
    for (const resource of ['function:media.probe', 'topic:made.here', 'workflow:sub']) {
      const { kind } = parseResource(resource, {}) as { kind: string };
      expect(parseResource(`${resource}.waitForTaskToken`, {})).toMatchObject({ kind, awaitsToken: true });
    }
    expect(parseResource('topic:made.here.waitForTaskToken', {})).toMatchObject({ topic: 'made.here' });
  });

  it('takes no token where nobody could be given one', () => {
    for (const resource of [
      'activity:paint',
      integration('aws-sdk:s3:getObject'),
      integration('states:startExecution.sync'),
    ]) {
      const given = { StateMachineArn: 'sub', Bucket: 'b', Key: 'k' };
      expect(parseResource(`${resource}.waitForTaskToken`, given)).toMatchObject({ error: 'States.Runtime' });
    }
  });

  it('of an integration is named by its parameters', () => {
    expect(parseResource(integration('lambda:invoke'), { FunctionName: 'work:2', Payload: 5 })).toMatchObject({
      name: 'work',
      qualifier: '2',
      payload: 5,
      shape: 'lambda',
    });
    const StateMachineArn = 'arn:aws:states:eu-west-1:123456789012:stateMachine:sub:4';
    expect(parseResource(integration('states:startExecution.sync:2'), { StateMachineArn, Input: '[1]' })).toMatchObject(
      {
        name: 'sub',
        qualifier: '4',
        input: [1],
        shape: 'sync2',
      },
    );
    const nothing = { FunctionName: 'work', Payload: null };
    expect(parseResource(integration('lambda:invoke'), nothing)).toMatchObject({ payload: {} });
    expect(parseResource(integration('states:startExecution'), { StateMachineArn, Input: null })).toMatchObject({
      input: {},
    });
    const TopicArn = 'arn:aws:sns:eu-west-1:123456789012:made';
    expect(parseResource(integration('sns:publish'), { TopicArn, Message: 'm' })).toMatchObject({
      topic: 'made',
      payload: 'm',
      shape: 'sns',
    });
    const QueueUrl = 'https://sqs.eu-west-1.amazonaws.com/123456789012/made';
    expect(parseResource(integration('sqs:sendMessage'), { QueueUrl, MessageBody: {} })).toMatchObject({
      topic: 'made',
    });
  });

  it.each([
    ['topic:t:message', {}, "'Value' is required"],
    ['topic:t:message', { Value: 1, Key: 2 }, "'Key' must be a text"],
    ['topic:t:message', { Value: 1, Headers: { a: 1 } }, "'Headers' must be an object of texts"],
    ['topic:t:message', { Value: 1, key: 'k' }, "'key' is not known"],
    ['topic:t:message', 'text', "with a 'Value'"],
    [integration('lambda:invoke'), {}, "'FunctionName' is required"],
    [integration('states:startExecution'), { StateMachineArn: 5 }, "'StateMachineArn' must be a text"],
    [integration('sns:publish'), { TopicArn: 'made' }, "'Message' is required"],
    [integration('sns:publish'), 'made', 'needs an object of parameters'],
    [integration('dynamodb:getItem'), {}, 'names nothing that can run'],
    ['elsewhere', {}, 'names nothing that can run'],
  ])('%s with %j says what is missing', (resource, input, message) => {
    expect(parseResource(resource, input)).toMatchObject({
      error: 'States.Runtime',
      cause: expect.stringContaining(message),
    });
  });

  it('refuses a name that no execution may have', () => {
    const given = { StateMachineArn: 'sub', Name: 'with space' };
    expect(parseResource(integration('states:startExecution'), given)).toMatchObject({
      error: 'StepFunctions.InvalidNameException',
    });
  });
});
