import { describe, expect, it } from '@jest/globals';
import type { ObjectNotification } from '../../object-notifications.js';
import { undelivered } from './undelivered.js';

const told = (eventName: string, versionId: string, sequencer: string): ObjectNotification => ({
  eventName,
  bucket: 'b',
  key: 'k',
  versionId,
  sequencer,
  eventTime: '2026-01-01T00:00:00Z',
});
const created = (versionId: string, sequencer = versionId) => told('ObjectCreated:Put', versionId, sequencer);
const removed = (versionId: string, sequencer: string) => told('ObjectRemoved:Delete', versionId, sequencer);

describe('undelivered', () => {
  it.each([
    ['a creation whose object is there', [created('1')], '1', 1],
    ['a creation that was killed before the object was there', [created('1')], undefined, 0],
    ['a replacement that was killed, and not the creation before it', [created('1'), created('2')], '1', 1],
    ['a creation that was replaced, and its replacement', [created('1'), created('2')], '2', 2],
    ['a removal whose object is gone', [removed('1', '2')], undefined, 1],
    ['a removal that was killed', [removed('1', '2')], '1', 0],
    ['a removal, and the creation after it that was killed', [removed('1', '2'), created('3')], undefined, 1],
  ])('judges %s', (_name, journal, current, delivered) => {
    const { deliver, drop } = undelivered(journal, () => current);
    expect(deliver).toEqual(journal.slice(0, delivered));
    expect(drop).toEqual(journal.slice(delivered));
  });
});
