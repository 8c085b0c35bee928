import { describe, expect, it } from '@jest/globals';
import { type CloudEvent, cloudEvent, explainMatch, type Matchable, matches, TriggerIndex } from './index.js';

const upload = (key: string, data: object = {}, bucket = 'videos'): CloudEvent<unknown> =>
  cloudEvent({
    id: key,
    source: `/objects/${bucket}`,
    type: 'spool.object.created',
    subject: key,
    time: '2026-01-01T00:00:00Z',
    data: { bucket, key, ...data },
  });
const trigger = (name: string, source: object, pattern?: unknown): Matchable =>
  ({ name, kind: 'object', source: { bucket: 'videos', events: ['created'], ...source }, pattern }) as Matchable;

describe('a trigger with a pattern', () => {
  const large = trigger('large', { suffix: '.mp4' }, { data: { size: [{ numeric: ['>', 100] }] } });

  it('matches what its source and its pattern both match', () => {
    expect(matches(large, upload('a.mp4', { size: 101 }))).toBe(true);
    expect(matches(large, upload('a.mp4', { size: 100 }))).toBe(false);
    expect(matches(large, upload('a.txt', { size: 101 }))).toBe(false);
  });

  it('says which rule kept an event out', () => {
    const failed = explainMatch(large, upload('a.txt', { size: 3 })).filter(({ matched }) => !matched);
    expect(failed).toEqual([
      {
        pointer: '/source/suffix',
        field: 'subject',
        expected: [{ suffix: '.mp4' }],
        actual: ['a.txt'],
        matched: false,
      },
      {
        pointer: '/pattern/data/size',
        field: 'data.size',
        expected: [{ numeric: ['>', 100] }],
        actual: [3],
        matched: false,
      },
    ]);
  });
});

const names = (found: readonly Matchable[]): string[] => found.map(({ name }) => name);

/** The same numbers in each run. */
function dice(seed: number): (sides: number) => number {
  let state = seed;
  return (sides) => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return Math.floor((state / 2_147_483_648) * sides);
  };
}

describe('an index of triggers', () => {
  it('gives the triggers in their order', () => {
    const triggers = [trigger('c', {}), trigger('a', { prefix: 'in/' }), trigger('b', { prefix: 'out/' })];
    expect(names(new TriggerIndex(triggers).match(upload('in/x')))).toEqual(['c', 'a']);
  });

  it('finds whatever asking each trigger finds, for any patterns', () => {
    const roll = dice(7);
    const word = () => ['in/', 'out/', 'a', 'B', 'x.mp4', '.mp4', 'a*b', '*.mp4', 'in/*'][roll(9)] ?? '';
    const rule = (): unknown =>
      [
        word(),
        { prefix: word() },
        { suffix: word() },
        { 'equals-ignore-case': word() },
        { wildcard: word() },
        { prefix: { 'equals-ignore-case': word() } },
        { 'anything-but': word() },
        { exists: roll(2) === 0 },
        { numeric: ['=', roll(3)] },
        roll(3),
      ][roll(10)];
    const rules = () => Array.from({ length: 1 + roll(2) }, rule);
    const pattern = (): unknown => {
      const kinds = [{ data: { key: rules() } }, { subject: rules(), data: { size: rules() } }];
      return [...kinds, { $or: [{ data: { key: rules() } }, { data: { list: { tag: rules() } } }] }, undefined][
        roll(4)
      ];
    };
    const triggers = Array.from({ length: 400 }, (_, n) =>
      trigger(
        `t${n}`,
        roll(3) === 0 ? { prefix: 'in/' } : roll(3) === 0 ? { suffix: '.mp4', bucket: 'other' } : {},
        pattern(),
      ),
    );
    const index = new TriggerIndex(triggers);
    let hits = 0;
    for (let n = 0; n < 200; n++) {
      const list = [{ tag: word() }, { tag: roll(3) }];
      const event = upload(
        ['in/', 'out/', ''][roll(3)] + word(),
        { size: roll(4), list },
        ['videos', 'other'][roll(2)],
      );
      const expected = names(triggers.filter((one) => matches(one, event)));
      hits += expected.length;
      expect(names(index.match(event))).toEqual(expected);
    }
    expect(hits).toBeGreaterThan(1_000);
  });
});
