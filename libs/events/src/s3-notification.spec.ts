import { describe, expect, it } from '@jest/globals';
import { fromS3Notification } from './index.js';

const record = (key: string, changes: object = {}) => ({
  eventVersion: '2.1',
  eventSource: 'aws:s3',
  awsRegion: 'eu-central-1',
  eventTime: '2026-01-31T09:30:00.123Z',
  eventName: 'ObjectCreated:Put',
  s3: {
    s3SchemaVersion: '1.0',
    configurationId: 'uploads',
    bucket: { name: 'uploads', arn: 'arn:aws:s3:::uploads' },
    object: { key, size: 1024, eTag: 'd41d8cd98f00b204e9800998ecf8427e', sequencer: '0055AED6DCD90281E5' },
  },
  ...changes,
});

describe('a notification of S3', () => {
  it('is read as AWS writes it', () => {
    expect(fromS3Notification({ Records: [record('a/b.mp4')] })).toEqual({
      notifications: [
        {
          eventName: 'ObjectCreated:Put',
          bucket: 'uploads',
          key: 'a/b.mp4',
          size: 1024,
          etag: 'd41d8cd98f00b204e9800998ecf8427e',
          sequencer: '0055AED6DCD90281E5',
          eventTime: '2026-01-31T09:30:00.123Z',
        },
      ],
      rejected: [],
      ignored: [],
    });
  });

  it('is read as MinIO and RustFS write it, and means the same', () => {
    const s3 = {
      bucket: { name: 'uploads', ownerIdentity: { principalId: 'minio' }, arn: 'arn:aws:s3:::uploads' },
      object: {
        key: 'a%2Fb.mp4',
        size: 1024,
        eTag: '"d41d8cd98f00b204e9800998ecf8427e"',
        contentType: 'video/mp4',
        userMetadata: { 'content-type': 'video/mp4' },
        sequencer: '188FA7D2E1D4D6C7',
        versionId: '',
      },
    };
    const body = {
      EventName: 's3:ObjectCreated:CompleteMultipartUpload',
      Key: 'uploads/a/b.mp4',
      Records: [record('', { eventName: 's3:ObjectCreated:CompleteMultipartUpload', s3 })],
    };
    expect(fromS3Notification(body).notifications).toEqual([
      {
        eventName: 'ObjectCreated:CompleteMultipartUpload',
        bucket: 'uploads',
        key: 'a/b.mp4',
        size: 1024,
        etag: 'd41d8cd98f00b204e9800998ecf8427e',
        contentType: 'video/mp4',
        sequencer: '188FA7D2E1D4D6C7',
        eventTime: '2026-01-31T09:30:00.123Z',
      },
    ]);
  });
});

describe('the key in a notification of S3', () => {
  it.each([
    ['my+holiday+video.mp4', 'my holiday video.mp4'],
    ['1%2B1%3D2.mp4', '1+1=2.mp4'],
    ['caf%C3%A9/%E6%98%A0%E7%94%BB.mp4', 'café/映画.mp4'],
    ['100%25.mp4', '100%.mp4'],
  ])('%p is the object %p', (encoded, key) => {
    expect(fromS3Notification({ Records: [record(encoded)] }).notifications[0]?.key).toBe(key);
  });
});

describe('a notification of S3 that is not whole', () => {
  it('may carry several records, of which a bad one does not hold up the others', () => {
    const bad = record('%E0%A4%A.mp4');
    const { notifications, rejected } = fromS3Notification({ Records: [record('1.mp4'), bad, record('3.mp4')] });
    expect(notifications.map(({ key }) => key)).toEqual(['1.mp4', '3.mp4']);
    expect(rejected).toEqual([
      { pointer: '/Records/1/s3/object/key', message: expect.stringContaining('URL-encoded'), record: bad },
    ]);
  });

  it('needs no size, etag or sequencer', () => {
    const s3 = { bucket: { name: 'uploads' }, object: { key: 'a.mp4', size: null } };
    expect(
      fromS3Notification({ Records: [record('', { eventName: 'ObjectRemoved:Delete', s3 })] }).notifications,
    ).toEqual([
      { eventName: 'ObjectRemoved:Delete', bucket: 'uploads', key: 'a.mp4', eventTime: '2026-01-31T09:30:00.123Z' },
    ]);
  });

  it.each([
    ['/Records/0/eventName', { eventName: undefined }],
    ['/Records/0/eventTime', { eventTime: 'yesterday' }],
    ['/Records/0/s3', { s3: undefined }],
    ['/Records/0/s3/object', { s3: { bucket: { name: 'uploads' } } }],
    ['/Records/0/s3/bucket/name', { s3: { bucket: { name: '' }, object: { key: 'a' } } }],
    ['/Records/0/s3/object/key', { s3: { bucket: { name: 'uploads' }, object: { key: 'nul%00' } } }],
  ])('is rejected at %s when that is missing or wrong', (pointer, changes) => {
    const { notifications, rejected } = fromS3Notification({ Records: [record('a.mp4', changes)] });
    expect(notifications).toEqual([]);
    expect(rejected.map((each) => each.pointer)).toEqual([pointer]);
  });

  it.each([[null], ['text'], [[]], [{}], [{ Records: 'none' }]])('is rejected whole when the body is %p', (body) => {
    expect(fromS3Notification(body)).toMatchObject({ notifications: [], rejected: [{ pointer: '', record: body }] });
  });

  it('is ignored when it tells of no change: the test of AWS, reads, tags, and no records at all', () => {
    const test = { Service: 'Amazon S3', Event: 's3:TestEvent', Time: '2026-01-31T09:30:00.000Z', Bucket: 'uploads' };
    expect(fromS3Notification(test)).toEqual({ notifications: [], rejected: [], ignored: ['s3:TestEvent'] });
    const read = record('a.mp4', { eventName: 's3:ObjectAccessed:Get' });
    expect(fromS3Notification({ Records: [read] })).toEqual({
      notifications: [],
      rejected: [],
      ignored: ['s3:ObjectAccessed:Get'],
    });
    expect(fromS3Notification({ Records: null })).toEqual({ notifications: [], rejected: [], ignored: [] });
  });

  it('says what the uploader said about the object, as MinIO tells it', () => {
    const userMetadata = { 'content-type': 'video/mp4', 'X-Amz-Meta-Stage': 'raw' };
    const { notifications } = fromS3Notification({
      Records: [record('', { s3: { bucket: { name: 'uploads' }, object: { key: 'a', userMetadata } } })],
    });
    expect(notifications[0]).toMatchObject({ contentType: 'video/mp4', metadata: { stage: 'raw' } });
  });

  it.each([
    ['AWS', {}, 'a+b%2Bc%20d.mp4', 'a b+c d.mp4'],
    ['Ceph', { eventSource: 'ceph:s3' }, 'a+b.mp4', 'a+b.mp4'],
    ['a store that does not encode keys', {}, 'a b+ä%zz.mp4', 'a b+ä%zz.mp4'],
  ])('has the key as %s writes it', (_store, changes, written, key) => {
    expect(fromS3Notification({ Records: [record(written, changes)] }).notifications[0]?.key).toBe(key);
  });

  it('has the key and the metadata as versitygw and Ceph write them', () => {
    const metadata = [{ key: 'x-amz-meta-stage', val: 'raw' }];
    const s3 = { configurationId: 'kafka-global', bucket: { name: 'uploads' }, object: { key: 'a+b%20c', metadata } };
    expect(fromS3Notification({ Records: [record('', { s3 })] }).notifications[0]).toMatchObject({
      key: 'a+b c',
      metadata: { stage: 'raw' },
    });
  });

  it("of Ceph's life cycle is of a removed object, if it is about the current one", () => {
    const names = ['Current', 'NonCurrent', 'AbortMultipartUpload'].map((what) => `ObjectLifecycle:Expiration:${what}`);
    const { notifications, ignored } = fromS3Notification({
      Records: names.map((eventName) => record('a', { eventName })),
    });
    expect([notifications.map(({ eventName }) => eventName), ignored]).toEqual([[names[0]], names.slice(1)]);
  });
});
