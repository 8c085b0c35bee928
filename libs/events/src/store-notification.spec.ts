import { describe, expect, it } from '@jest/globals';
import { fromStoreNotification } from './index.js';

const AT = '2026-01-31T09:30:00.000Z';
const read = (body: unknown) => fromStoreNotification(body, AT);
const record = (object: object, more: object = {}) => ({
  eventName: 'ObjectCreated:Put',
  eventTime: AT,
  s3: { bucket: { name: 'films' }, object },
  ...more,
});
const film = { eventName: 'ObjectCreated:Put', bucket: 'films', key: 'a b.mp4', size: 5, eventTime: AT };

const entry = (md5: string) => ({
  key: '/buckets/films/a',
  message: { newEntry: { attributes: { fileSize: '1', md5 } } },
});

describe('a notification of an object store', () => {
  it.each([
    ['records of S3', { Records: [record({ key: 'a+b.mp4', size: 5 })] }],
    ['a record alone', record({ key: 'a+b.mp4', size: 5 })],
    ['records in an array', [record({ key: 'a+b.mp4', size: 5 })]],
    ['SNS', { Type: 'Notification', Message: JSON.stringify({ Records: [record({ key: 'a+b.mp4', size: 5 })] }) }],
    [
      'SNS as Lambda gets it',
      { Records: [{ Sns: { Message: JSON.stringify({ Records: [record({ key: 'a+b.mp4', size: 5 })] }) } }] },
    ],
    [
      'SNS inside of SQS',
      {
        Records: [
          {
            eventSource: 'aws:sqs',
            body: JSON.stringify({
              Type: 'Notification',
              Message: JSON.stringify({ Records: [record({ key: 'a+b.mp4', size: 5 })] }),
            }),
          },
        ],
      },
    ],
    [
      'EventBridge, where keys are not encoded',
      {
        'detail-type': 'Object Created',
        time: AT,
        detail: { bucket: { name: 'films' }, object: { key: 'a b.mp4', size: 5 }, reason: 'Put' },
      },
    ],
    [
      'a record without key and bucket, which stand beside it',
      {
        EventName: 's3:ObjectCreated:Put',
        Key: 'films/a b.mp4',
        Records: [record({ key: '', size: '5' }, { s3: { bucket: {}, object: { key: '', size: '5' } } })],
      },
    ],
    ['a record without a time', { Records: [record({ key: 'a+b.mp4', size: 5 }, { eventTime: undefined })] }],
    [
      'the filer of SeaweedFS',
      {
        key: '/buckets/films/a b.mp4',
        message: { new_entry: { name: 'a b.mp4', attributes: { file_size: 5, mtime: 1_769_851_800 } } },
      },
    ],
  ])('is read as %s', (_shape, body) => {
    expect(read(body)).toEqual({ notifications: [film], rejected: [], ignored: [] });
  });

  it('has the hexadecimal ETag that listings have, whichever way SeaweedFS writes it', () => {
    const etag = 'd41d8cd98f00b204e9800998ecf8427e';
    for (const md5 of [etag, '1B2M2Y8AsgTpgAmY7PhCfg==']) expect(read(entry(md5)).notifications[0]?.etag).toBe(etag);
  });

  it('is of an object that goes, too', () => {
    const detail = { bucket: { name: 'films' }, object: { key: 'a' } };
    const gone = [
      { 'detail-type': 'Object Deleted', time: AT, detail },
      { key: '/buckets/films/a', message: { old_entry: { attributes: {} }, new_entry: null } },
    ];
    for (const body of gone) expect(read(body).notifications[0]?.eventName).toMatch(/^ObjectRemoved:/);
  });

  it('may be only a name and a path', () => {
    const body = { EventName: 's3:ObjectCreated:Put', Key: 'films/dir/a+b.mp4' };
    expect(read(body).notifications).toMatchObject([{ bucket: 'films', key: 'dir/a+b.mp4', eventTime: AT }]);
  });

  it.each([
    ['tags and restores', { 'detail-type': 'Object Tags Added', detail: {} }],
    ['folders', { key: '/buckets/films/dir', message: { new_entry: { is_directory: true } } }],
    ['parts of uploads', { key: '/buckets/films/.uploads/1/0001.part', message: { new_entry: {} } }],
    ['files that are in no bucket', { key: '/etc/passwd', message: { new_entry: {} } }],
  ])('is ignored for %s', (_what, body) => {
    expect(read(body)).toMatchObject({ notifications: [], rejected: [], ignored: [expect.any(String)] });
  });

  it.each([
    ['nothing of it can be read', 'text', 'must be an S3 notification'],
    ['the key is nowhere', { Records: [record({ size: 5 })] }, 'is missing: the key'],
    ['its envelope holds no JSON', { Type: 'Notification', Message: 'hello' }, 'must be JSON'],
    ['it asks for a confirmation', { Type: 'SubscriptionConfirmation', SubscribeURL: 'https://x' }, 'open https://x'],
    ['an event of EventBridge has no key', { 'detail-type': 'Object Created', detail: { bucket: {} } }, 'object.key'],
  ])('is rejected with the reason when %s', (_why, body, message) => {
    expect(read(body).rejected).toMatchObject([{ message: expect.stringContaining(message) }]);
  });

  it('is rejected in part when one of its records cannot be read', () => {
    const { notifications, rejected } = read({ Records: [record({ key: '' }), record({ key: 'b' })] });
    expect([notifications.length, rejected.length]).toEqual([1, 1]);
  });
});
