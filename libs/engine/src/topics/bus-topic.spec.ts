import { describe, expect, it } from '@jest/globals';
import { busTopic } from './bus-topic.js';

describe('the name of a topic on the bus', () => {
  it('is its own in the default namespace, where it cannot be that of another', () => {
    expect(busTopic('default', 'a.b')).toBe('a.b');
    expect(() => busTopic('default', 'spool-namespace.a.b')).toThrow('must not begin with');
  });

  it('is never that of another namespace, wherever the dots are', () => {
    const pairs = [
      ['a', 'b.c.d'],
      ['a.b', 'c.d'],
      ['a.b.c', 'd'],
      ['a', '3.a.b.c'],
    ] as const;
    expect(new Set(pairs.map(([namespace, topic]) => busTopic(namespace, topic))).size).toBe(pairs.length);
  });
});
