import { describe, expect, it } from '@jest/globals';
import { tolerated } from './tolerated.js';

describe('tolerated', () => {
  it('judges no percentage while it is not known how many items there are', () => {
    expect(tolerated({ failed: 5 }, { toleratedFailurePercentage: 1 })).toBe(true);
    expect(tolerated({ failed: 5, total: 100 }, { toleratedFailurePercentage: 1 })).toBe(false);
  });

  it('judges a count at once', () => {
    expect(tolerated({ failed: 5 }, { toleratedFailureCount: 4 })).toBe(false);
  });

  it('compares percentages without an error of rounding', () => {
    for (let total = 1; total <= 100; total++) {
      expect(tolerated({ failed: 7, total: 100 }, { toleratedFailurePercentage: 7 })).toBe(true);
      expect(tolerated({ failed: total, total }, { toleratedFailurePercentage: 100 })).toBe(true);
    }
  });

  it('takes a threshold of 0 for none', () => {
    expect(tolerated({ failed: 1, total: 2 }, { toleratedFailureCount: 0, toleratedFailurePercentage: 50 })).toBe(true);
    expect(tolerated({ failed: 1, total: 2 }, { toleratedFailureCount: 0, toleratedFailurePercentage: 0 })).toBe(false);
  });

  it('bears nothing where nothing is said', () => {
    expect(tolerated({ failed: 1, total: 1_000_000 }, {})).toBe(false);
  });
});
