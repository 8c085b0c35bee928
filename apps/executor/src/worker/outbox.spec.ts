import { describe, expect, it } from '@jest/globals';
import type { TaskResult } from '@app/worker-api';
import { Outbox } from './outbox.js';

const result = (id: string, size = 0): TaskResult => ({
  id,
  attempt: 1,
  status: 'SUCCEEDED',
  output: 'x'.repeat(size),
  outputs: [],
  usage: { wallMs: 1 },
});
const ids = (results: readonly TaskResult[]) => results.map(({ id }) => id);

function outboxWith(...results: TaskResult[]): Outbox {
  const outbox = new Outbox();
  for (const each of results) outbox.add(each);
  return outbox;
}

describe('Outbox', () => {
  it('keeps results until they are delivered', () => {
    const outbox = outboxWith(result('a'), result('b'));
    expect(ids(outbox.next())).toEqual(['a', 'b']);
    expect(ids(outbox.next())).toEqual(['a', 'b']);
    outbox.delivered(outbox.next());
    expect(outbox.size).toBe(0);
  });

  it('does not forget what came while others were on their way', () => {
    const outbox = outboxWith(result('a'));
    const batch = outbox.next();
    outbox.add(result('b'));
    outbox.delivered(batch);
    expect(ids(outbox.next())).toEqual(['b']);
  });

  it('sends no more than fits one request', () => {
    expect(ids(outboxWith(result('a', 1.5e6), result('b', 1.5e6)).next())).toEqual(['a']);
    expect(ids(outboxWith(result('huge', 5e6)).next())).toEqual(['huge']);
  });

  it('goes on one by one after a failure, beginning with the others', () => {
    const outbox = outboxWith(result('a'), result('b'), result('c'));
    outbox.failed(outbox.next());
    expect(ids(outbox.next())).toEqual(['a']);
    outbox.failed(outbox.next());
    expect(ids(outbox.next())).toEqual(['b']);
  });

  it('replaces a result that is refused alone, once', () => {
    const outbox = outboxWith(result('a'), result('b'));
    outbox.refused(outbox.next(), 'no');
    expect(outbox.next()).toEqual([result('a')]);
    outbox.refused(outbox.next(), 'no');
    expect(outbox.next()).toMatchObject([
      { id: 'a', status: 'FAILED', error: 'Function.InvalidResponse', cause: expect.stringContaining('no') },
    ]);
    outbox.refused(outbox.next(), 'no');
    expect(outbox.refs).toEqual([{ id: 'b', attempt: 1 }]);
  });
});
