import { describe, expect, it } from '@jest/globals';
import { fromCursor, toCursor, toPage } from './pages.js';

const place = { at: new Date('2026-11-21T10:00:00.123Z'), id: 'a/b ü' };

describe('a cursor', () => {
  it('leads back to its place', () => {
    expect(fromCursor(toCursor(place), 'text')).toEqual(place);
    expect(toCursor(place)).toMatch(/^[\w-]+$/);
    expect(fromCursor(undefined)).toBeUndefined();
  });

  it('of a list with ids of ours has one of them in it', () => {
    const ours = { ...place, id: '00000000-0000-4000-8000-000000000000' };
    expect(fromCursor(toCursor(ours))).toEqual(ours);
    expect(() => fromCursor(toCursor(place))).toThrow();
    expect(() => fromCursor(toCursor({ ...place, id: '\0' }), 'text')).toThrow();
  });

  it.each(['x', '', Buffer.from('[1]').toString('base64url'), Buffer.from('["now","a"]').toString('base64url')])(
    'that we did not make is refused: %j',
    (cursor) => {
      expect(() => fromCursor(cursor)).toThrow(
        expect.objectContaining({ issues: [{ pointer: '/query/cursor', message: expect.any(String) }] }),
      );
    },
  );
});

describe('toPage', () => {
  const options = { limit: 2, view: (n: number) => n * 10, placeOf: () => place };

  it('has a cursor only when it is full', () => {
    expect(toPage([1], options)).toEqual({ items: [10] });
    expect(toPage([1, 2], options)).toEqual({ items: [10, 20], nextCursor: toCursor(place) });
    expect(toPage([], options)).toEqual({ items: [] });
  });
});
