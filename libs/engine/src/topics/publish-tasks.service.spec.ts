import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { sql } from '@app/common';
import { createEngine, type TestEngine } from '../../../../test/support/engine.js';

let engine: TestEngine;
beforeAll(async () => {
  engine = await createEngine();
});
afterAll(() => engine.close());

let count = 0;
async function publish(Resource: string, Parameters: object) {
  const name = `publishing-${++count}`;
  const States = { Tell: { Type: 'Task', Resource, Parameters, End: true } };
  await engine.workflows.deploy('default', { name, definition: { StartAt: 'Tell', States } as never });
  const { id } = await engine.executions.start('default', name, { input: {} });
  await engine.route();
  return (await engine.executions.get('default', id)).output;
}
const messages = async (topic: string): Promise<string[]> =>
  (
    await engine.database.query<{ value: Buffer }>(sql`
      select value from bus_message where topic = ${topic} order by message_offset`)
  ).map(({ value }) => value.toString());

it('publishes to a topic what the state has, as JSON', async () => {
  expect(await publish('topic:plain', { n: 1 })).toEqual({ topic: 'plain', partition: 0, offset: '0' });
  expect(await messages('plain')).toEqual(['{"n":1}']);
});

it('lets a topic stand for those of SNS, where texts are sent as they are', async () => {
  const TopicArn = 'arn:aws:sns:eu-west-1:123456789012:news';
  expect(await publish('arn:aws:states:::sns:publish', { TopicArn, Message: 'a text' })).toMatchObject({
    MessageId: 'news-0-0',
    SdkHttpMetadata: { HttpStatusCode: 200 },
  });
  await publish('arn:aws:states:::sns:publish', { TopicArn, Message: { n: 1 } });
  expect(await messages('news')).toEqual(['a text', '{"n":1}']);
});

it('takes the group of a message as its key, and its attributes as headers', async () => {
  const MessageAttributes = {
    kind: { DataType: 'String', StringValue: 'a' },
    n: { DataType: 'Number', StringValue: 7 },
  };
  const TopicArn = 'arn:aws:sns:eu-west-1:123456789012:keyed';
  await publish('arn:aws:states:::sns:publish', { TopicArn, Message: 'm', MessageGroupId: 'k', MessageAttributes });
  const [row] = await engine.database.query(sql`select key, headers from bus_message where topic = 'keyed'`);
  expect(row).toMatchObject({ key: 'k', headers: { kind: 'a', n: '7', 'spool-hops': '1' } });
  expect(await messages('keyed')).toEqual(['m']);
  const odd = { key: 'not one', 'spool:message': 1 };
  await publish('topic:odd', odd);
  expect(await messages('odd')).toEqual([JSON.stringify(odd)]);
});

it('publishes a value with its key and headers, and says where it stands', async () => {
  const message = { Key: 'k', Headers: { kind: 'a' }, Value: { n: 1 } };
  expect(await publish('topic:with-key:message', message)).toEqual({ topic: 'with-key', partition: 0, offset: '0' });
  await publish('topic:with-key:message', { Value: 'a text' });
  const rows = await engine.database.query(sql`
    select key, headers ->> 'kind' as kind from bus_message where topic = 'with-key' order by message_offset`);
  expect(rows).toEqual([
    { key: 'k', kind: 'a' },
    { key: null, kind: null },
  ]);
  expect(await messages('with-key')).toEqual(['{"n":1}', 'a text']);
});

it('lets a topic stand for a queue of SQS', async () => {
  const QueueUrl = 'https://sqs.eu-west-1.amazonaws.com/123456789012/jobs';
  expect(await publish('arn:aws:states:::sqs:sendMessage', { QueueUrl, MessageBody: { job: 7 } })).toMatchObject({
    MD5OfMessageBody: 'b18a8ad99e0fce04b04607b2928007b6',
    MessageId: 'jobs-0-0',
  });
  expect(await messages('jobs')).toEqual(['{"job":7}']);
});
