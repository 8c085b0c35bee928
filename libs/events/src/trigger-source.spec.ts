import { describe, expect, it } from '@jest/globals';
import { matches, objectEvent, scheduleEvent, topicEvent, type TriggerKind, triggerSource } from './index.js';

const problems = (kind: string, source: unknown): string[] =>
  (triggerSource.safeParse({ kind, source }).error?.issues ?? []).map(
    ({ path, message }) => `${path.join('.')}: ${message}`,
  );

describe('a trigger source', () => {
  it.each<[TriggerKind, object, object]>([
    ['object', { bucket: 'uploads' }, { bucket: 'uploads', events: ['created'] }],
    ['topic', { topic: 'orders' }, { topic: 'orders', from: 'latest' }],
    [
      'schedule',
      { cron: '@daily' },
      { cron: '@daily', timezone: 'UTC', overlap: 'allow', misfire: 'once', misfireWindowSeconds: 86_400 },
    ],
  ])('of kind %s has defaults', (kind, source, expected) => {
    expect(triggerSource.parse({ kind, source })).toEqual({ kind, source: expected });
  });

  it.each([
    ['mail', {}, 'kind: must be "object", "topic", "schedule", "event" or "webhook"'],
    ['webhook', { path: '/a', signature: { kind: 'none' } }, 'source.path: must be a path of a-z'],
    ['webhook', { path: 'a', signature: { kind: 'md5' } }, 'source.signature.kind: must be of the kind "none"'],
    ['webhook', { path: 'a', signature: { kind: 'github' } }, 'source.signature.secret: must be the secret'],
    ['event', { types: [] }, 'source.types: must name at least one'],
    ['object', {}, 'source.bucket: must be the name of a bucket'],
    ['object', { bucket: 'Uploads' }, 'source.bucket: must be a bucket name: 3 to 63'],
    ['object', { bucket: 'ab' }, 'source.bucket: must be a bucket name'],
    ['object', { bucket: 'a..b' }, 'source.bucket: must be a bucket name'],
    ['object', { bucket: '192.168.1.1' }, 'source.bucket: must be a bucket name'],
    ['object', { bucket: 'uploads-' }, 'source.bucket: must be a bucket name'],
    ['object', { bucket: 'uploads', events: [] }, 'source.events: must name at least one'],
    [
      'object',
      { bucket: 'uploads', events: ['updated'] },
      'source.events.0: must be "created", "removed", or a type of S3',
    ],
    ['object', { bucket: 'uploads', sufix: '.mp4' }, 'source: Unrecognized key: "sufix"'],
    ['topic', { topic: 'no spaces' }, 'source.topic: must be a topic name'],
    ['topic', { topic: '..' }, 'source.topic: must be a topic name'],
    ['topic', { topic: 'orders', from: 'now' }, 'source.from: must be "latest", "earliest" or a time'],
    ['schedule', {}, 'source.cron: must be a cron expression'],
    ['schedule', { cron: '61 * * * *' }, 'source.cron: must be a cron expression that fires at some time'],
    ['schedule', { cron: '0 0 30 2 *' }, 'source.cron: must be a cron expression that fires at some time'],
    ['schedule', { cron: 'rate(1 minutes)' }, 'source.cron: must be rate(1 minute)'],
    ['schedule', { cron: '@daily', overlap: 'queue' }, 'source.overlap: must be "allow", "skip"'],
    [
      'schedule',
      { cron: '@daily', start: '2026-01-02T00:00:00Z', end: '2026-01-01T00:00:00Z' },
      'source.end: must be later than the start',
    ],
    ['schedule', { cron: '@daily', timezone: 'CET+1' }, 'source.timezone: must be an IANA time zone'],
  ])('of kind %s is refused as %p', (kind, source, problem) => {
    expect(problems(kind, source)).toEqual([expect.stringContaining(problem)]);
  });
});

const created = (key: string, bucket = 'uploads') => {
  const event = objectEvent({ eventName: 'ObjectCreated:Put', bucket, key, eventTime: '2026-01-31T09:30:00Z' });
  if (!event) throw new Error('Not a change of an object');
  return event;
};
const removed = (key: string) => ({ ...created(key), type: 'spool.object.removed' });
const message = (topic: string) =>
  topicEvent({ topic, partition: 0, offset: '0', value: new Uint8Array(), publishedAt: new Date(0) });
const trigger = (kind: TriggerKind, source: object) => ({ name: 'nightly', ...triggerSource.parse({ kind, source }) });

describe('a trigger', () => {
  it('of a bucket waits for new objects in that bucket unless it says otherwise', () => {
    const uploads = trigger('object', { bucket: 'uploads' });
    expect(matches(uploads, created('a.mp4'))).toBe(true);
    expect(matches(uploads, created('a.mp4', 'others'))).toBe(false);
    expect(matches(uploads, removed('a.mp4'))).toBe(false);
    const both = trigger('object', { bucket: 'uploads', events: ['created', 'removed'] });
    expect([created('a'), removed('a')].map((event) => matches(both, event))).toEqual([true, true]);
  });

  it('of a bucket may ask for a beginning and an end of the key', () => {
    const videos = trigger('object', { bucket: 'uploads', prefix: 'in/', suffix: '.mp4' });
    const keys = ['in/a.mp4', 'in/deep/a.mp4', 'in/a.mov', 'out/a.mp4', 'in/a.MP4', 'IN/a.mp4'];
    expect(keys.filter((key) => matches(videos, created(key)))).toEqual(['in/a.mp4', 'in/deep/a.mp4']);
  });

  it('of a topic waits for the messages of that topic', () => {
    const orders = trigger('topic', { topic: 'orders' });
    expect([message('orders'), message('orders.eu')].map((event) => matches(orders, event))).toEqual([true, false]);
    expect(matches(orders, { ...message('orders'), type: 'com.example.other' })).toBe(false);
  });

  it('of a schedule waits for its own ticks', () => {
    const nightly = trigger('schedule', { cron: '@daily' });
    const events = [scheduleEvent('nightly', 0), scheduleEvent('hourly', 0), created('nightly')];
    expect(events.map((event) => matches(nightly, event))).toEqual([true, false, false]);
  });
});
