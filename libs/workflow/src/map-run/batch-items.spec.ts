import { describe, expect, it } from '@jest/globals';
import { MAX_DATA_BYTES } from '../limits.js';
import type { Json } from '../model.js';
import { Batching, batchItems } from './batch-items.js';

const bytes = (value: Json): number => Buffer.byteLength(JSON.stringify(value));
const texts = (count: number, length: number): string[] =>
  Array.from({ length: count }, (_, n) => `${n}`.padEnd(length));

describe('batching', () => {
  it('without a batcher gives each item an execution of its own', () => {
    expect(batchItems([1, [2]], undefined)).toEqual([
      { input: 1, size: 1 },
      { input: [2], size: 1 },
    ]);
  });

  it.each([50, 56, 57, 58, 100, 1000])('fills batches of %d bytes as far as they go', (maxInputBytesPerBatch) => {
    const batches = batchItems(texts(50, 7), { maxInputBytesPerBatch, batchInput: { by: 'me' } });
    expect(batches.flatMap(({ input }) => (input as { Items: Json[] }).Items)).toEqual(texts(50, 7));
    for (const [index, { input }] of batches.entries()) {
      expect(bytes(input)).toBeLessThanOrEqual(maxInputBytesPerBatch);
      // One more item and its comma would be too much, but for the last.
      if (index < batches.length - 1) expect(bytes(input) + 10).toBeGreaterThan(maxInputBytesPerBatch);
    }
  });

  it('keeps batches that are limited by number alone within what an execution takes', () => {
    const batches = batchItems(texts(10, 100_000), { maxItemsPerBatch: 100 });
    expect(batches.map(({ size }) => size)).toEqual([2, 2, 2, 2, 2]);
    expect(batches.every(({ input }) => bytes(input) <= MAX_DATA_BYTES)).toBe(true);
  });

  it('gives a batch as soon as it is full', () => {
    const batching = new Batching({ maxItemsPerBatch: 2 });
    expect(batching.add('a')).toEqual([]);
    expect(batching.add('b')).toEqual([{ input: { Items: ['a', 'b'] }, size: 2 }]);
    expect(batching.end()).toEqual([]);
  });
});
