import { describe, expect, it } from '@jest/globals';
import { type CloudEvent, cloudEventSchema, type Json, objectEvent, scheduleEvent, topicEvent } from './index.js';

const notification = {
  eventName: 's3:ObjectCreated:Put',
  bucket: 'uploads',
  key: 'a/b.mp4',
  size: 7,
  etag: 'abc',
  sequencer: '0A',
  eventTime: '2026-01-31T09:30:00Z',
};

const message = (value: string | Uint8Array, changes: object = {}) => ({
  topic: 'orders',
  partition: 2,
  offset: '17',
  value: typeof value === 'string' ? new TextEncoder().encode(value) : value,
  publishedAt: new Date('2026-01-31T09:30:00Z'),
  ...changes,
});

describe('the event of an object', () => {
  it('carries what is known of the object', () => {
    expect(objectEvent(notification)).toEqual({
      specversion: '1.0',
      id: 'a/b.mp4/abc/0A',
      source: '/objects/uploads',
      type: 'spool.object.created',
      subject: 'a/b.mp4',
      time: '2026-01-31T09:30:00.000Z',
      data: {
        bucket: 'uploads',
        key: 'a/b.mp4',
        size: 7,
        etag: 'abc',
        sequencer: '0A',
        eventName: 'ObjectCreated:Put',
      },
    });
  });

  it('has the same id in every delivery, and another for another change of the same key', () => {
    expect(objectEvent({ ...notification })?.id).toBe(objectEvent(notification)?.id);
    expect(objectEvent({ ...notification, sequencer: '0B' })?.id).not.toBe(objectEvent(notification)?.id);
    expect(objectEvent({ ...notification, sequencer: undefined })?.id).toBe('a/b.mp4/abc/2026-01-31T09:30:00.000Z');
  });

  it.each([
    ['ObjectRemoved:DeleteMarkerCreated', 'spool.object.removed'],
    ['LifecycleExpiration:Delete', 'spool.object.removed'],
    ['s3:ObjectAccessed:Get', undefined],
  ])('is for %s of the type %p', (eventName, type) => {
    expect(objectEvent({ ...notification, eventName })?.type).toBe(type);
  });
});

describe('the event of a message', () => {
  it('carries the message', () => {
    expect(topicEvent(message('{"n":1}', { key: 'k', headers: { trace: 'x' } }))).toEqual({
      specversion: '1.0',
      id: '2-17',
      source: '/topics/orders',
      type: 'spool.topic.message',
      subject: 'k',
      time: '2026-01-31T09:30:00.000Z',
      data: {
        topic: 'orders',
        partition: 2,
        offset: '17',
        key: 'k',
        value: { n: 1 },
        headers: { trace: 'x' },
        publishedAt: '2026-01-31T09:30:00.000Z',
      },
    });
  });

  it.each<[string, Json]>([
    ['plain text', 'plain text'],
    ['{"half":', '{"half":'],
    ['42', 42],
    ['null', null],
    ['', ''],
    ['"a \\\\u0000 in words"', 'a \\u0000 in words'],
  ])('has for the bytes of %p the value %p', (text, value) => {
    const { data } = topicEvent(message(text));
    expect(data.value).toEqual(value);
    expect(data.valueBase64).toBeUndefined();
  });

  it.each<[string, string | Uint8Array]>([
    ['bytes that are no text', new Uint8Array([0xff, 0xfe, 0x00])],
    ['an escaped NUL', '{"a":["\\u0000"]}'],
    ['a bare NUL', 'a\0b'],
    ['half a surrogate pair', '"\\ud800"'],
    ['lists that are nested deeper than anybody walks', '['.repeat(20_000) + ']'.repeat(20_000)],
  ])('keeps %s as base64, because the database could not store them as JSON', (_what, value) => {
    const { data } = topicEvent(message(value));
    expect(data.value).toBeNull();
    expect([...Buffer.from(data.valueBase64 ?? '', 'base64')]).toEqual([...message(value).value]);
  });

  it('replaces in the key and the headers what the database could not store', () => {
    const { subject, data } = topicEvent(message('x', { key: 'a\0', headers: { h: '\ud800' } }));
    expect([subject, data.key, data.headers]).toEqual(['a\ufffd', 'a\ufffd', { h: '\ufffd' }]);
  });
});

describe('the event of a tick', () => {
  it('has the planned time as its id', () => {
    expect(scheduleEvent('nightly', Date.parse('2026-01-31T02:00:00Z'))).toEqual({
      specversion: '1.0',
      id: '2026-01-31T02:00:00.000Z',
      source: '/schedules/nightly',
      type: 'spool.schedule.tick',
      time: '2026-01-31T02:00:00.000Z',
      data: { scheduledAt: '2026-01-31T02:00:00.000Z' },
    });
  });
});

describe('an event from outside', () => {
  const valid: CloudEvent = { ...scheduleEvent('nightly', 0), data: { any: ['json'] } };

  it('is accepted with its attributes, also those that CloudEvents does not name', () => {
    expect(cloudEventSchema.parse({ ...valid, traceparent: '00-x' })).toEqual({ ...valid, traceparent: '00-x' });
    expect(cloudEventSchema.safeParse({ ...valid, 'Trace-Parent': 'x' }).success).toBe(false);
    expect(cloudEventSchema.safeParse({ ...valid, nested: {} }).success).toBe(false);
    const { data: _, ...bare } = valid;
    expect(cloudEventSchema.parse(bare)).toEqual({ ...bare, data: null });
  });

  it.each([
    [{ specversion: '0.3' }, 'specversion', 'must be "1.0"'],
    [{ id: '' }, 'id', 'must not be empty'],
    [{ source: 7 }, 'source', 'must be a string'],
    [{ time: 'noon' }, 'time', 'must be a time as in RFC 3339'],
  ])('is refused with %p, naming the field and the rule', (changes, field, rule) => {
    const { error } = cloudEventSchema.safeParse({ ...valid, ...changes });
    expect(error?.issues[0]?.path).toEqual([field]);
    expect(error?.issues[0]?.message).toContain(rule);
  });
});
