import { describe, expect, it } from '@jest/globals';
import { explainMatch, factsAskedFor, type Matchable, matches, objectEvent, objectSource, settled } from './index.js';

const trigger = (source: object, pattern?: unknown): Matchable =>
  ({ name: 't', kind: 'object', source: objectSource.parse({ bucket: 'videos', ...source }), pattern }) as Matchable;
const upload = (facts: object = {}) =>
  objectEvent({
    eventName: 'ObjectCreated:Put',
    bucket: 'videos',
    key: 'in/a.mp4',
    size: 100,
    contentType: 'video/mp4; codecs="avc1"',
    metadata: { stage: 'raw' },
    eventTime: '2026-01-01T00:00:00Z',
    ...facts,
  })!;
const asked = (source: object, pattern?: unknown) =>
  factsAskedFor({ source: objectSource.parse({ bucket: 'videos', ...source }), pattern });

describe('the source of an object trigger', () => {
  it.each([
    ['prefix', { prefix: ['x/', 'in/'] }, { prefix: ['x/', 'y/'] }],
    ['suffix', { suffix: ['.mov', '.mp4'] }, { suffix: ['.mov'] }],
    ['keys', { keys: ['out/*', 'in/**'] }, { keys: ['*.mp4'] }],
    ['exclude', { exclude: ['**/b.*'] }, { exclude: ['tmp/**', '**/a.*'] }],
    ['size', { size: { min: 100, max: 100 } }, { size: { min: 101 } }],
    ['contentType', { contentType: ['audio/*', 'VIDEO/MP4'] }, { contentType: 'video/mpeg' }],
    ['metadata/stage', { metadata: { stage: ['raw', 'final'] } }, { metadata: { stage: 'final' } }],
    ['events', { events: ['ObjectCreated:Put'] }, { events: ['ObjectCreated:Copy', 'removed'] }],
    ['settle/marker', { settle: { marker: '{key}.done' } }, { settle: { marker: '{dir}a.mp4' } }],
  ])('takes and refuses by %s, and says so', (pointer, taking, refusing) => {
    expect(matches(trigger(taking), upload())).toBe(true);
    const refused = explainMatch(trigger(refusing), upload()).filter(({ matched }) => !matched);
    expect(refused.map((rule) => rule.pointer)).toEqual([`/source/${pointer}`]);
  });

  it('takes nothing by a fact that nobody has told', () => {
    const unknown = upload({ size: undefined, contentType: undefined, metadata: undefined });
    for (const source of [{ size: { min: 0 } }, { contentType: 'video/*' }, { metadata: { stage: 'raw' } }])
      expect(matches(trigger(source), unknown)).toBe(false);
  });

  it('takes what a sweep found, however it was made', () => {
    const listed = upload({ eventName: 'ObjectCreated:Listed' });
    expect(matches(trigger({ events: ['ObjectCreated:Copy'] }), listed)).toBe(true);
    expect(matches(trigger({ events: ['ObjectRemoved:*'] }), listed)).toBe(false);
  });

  it('takes a kind of change and one way of the other', () => {
    const both = trigger({ events: ['removed', 'ObjectCreated:Copy'] });
    expect(matches(both, upload({ eventName: 'ObjectRemoved:Delete' }))).toBe(true);
    expect(matches(both, upload({ eventName: 'LifecycleExpiration:Delete' }))).toBe(true);
    expect(matches(both, upload({ eventName: 'ObjectCreated:Copy' }))).toBe(true);
    expect(matches(both, upload())).toBe(false);
  });

  it('says which facts it asks for', () => {
    expect(asked({ prefix: 'x', size: { min: 1 } })).toEqual(['size']);
    expect(asked({}, { data: { contentType: ['video/mp4'], metadata: { a: ['b'] } } })).toEqual([
      'contentType',
      'metadata',
    ]);
    expect(asked({}, { data: { key: [{ suffix: '.mp4' }] } })).toEqual([]);
  });

  it.each([
    [{ events: ['Created'] }, ['events', 0], /must be "created", "removed", or a type of S3/],
    [{ keys: ['a{'] }, ['keys', 0], /has a { without its }/],
    [{ size: {} }, ['size'], /must have "min" or "max"/],
    [{ size: { min: 2, max: 1 } }, ['size', 'max'], /must not be less than "min"/],
    [{ metadata: { Stage: 'x' } }, ['metadata', 'Stage'], /Invalid key/],
  ])('refuses %j with its place and the rule', (source, path, rule) => {
    const { error } = objectSource.safeParse({ bucket: 'videos', ...source });
    expect(error?.issues[0]?.path).toEqual(path);
    expect(error?.issues[0]?.message).toMatch(rule);
  });

  it.each(['done', '{key}', 'x{name}'])('refuses %s for a marker: no file could be told from it', (marker) => {
    expect(objectSource.safeParse({ bucket: 'videos', settle: { marker } }).success).toBe(false);
  });
});

const at = (second: number) => new Date(Date.UTC(2026, 0, 1, 0, 0, second));

describe('an object that must settle', () => {
  const quiet = { settle: { quietSeconds: 5 }, etag: 'e', eventTime: at(10), marker: undefined };
  const marked = { ...quiet, settle: { marker: '{key}.done', timeoutSeconds: 60 } };

  it('is complete when it is still what it was', () => {
    expect(settled({ ...quiet, object: { etag: 'e', lastModified: at(9) } })).toBe('complete');
  });

  it('is superseded when it is gone, other bytes, or put again', () => {
    expect(settled({ ...quiet, object: undefined })).toBe('superseded');
    expect(settled({ ...quiet, object: { etag: 'f', lastModified: at(9) } })).toBe('superseded');
    expect(settled({ ...quiet, object: { etag: 'e', lastModified: at(13) } })).toBe('superseded');
  });

  it('waits for a marker that is not older than itself', () => {
    const object = { etag: 'e', lastModified: at(10) };
    expect(settled({ ...marked, object })).toBe('waits');
    expect(settled({ ...marked, object, marker: { lastModified: at(9) } })).toBe('waits');
    expect(settled({ ...marked, object, marker: { lastModified: at(10) } })).toBe('complete');
  });
});
