import { describe, expect, it } from '@jest/globals';
import { hasGrown, minus, NOTHING_FREE } from './room.js';

const asked = { slots: 1, memoryMb: 1_000, vcpu: 1 };
const gpu = { memoryMb: 80_000, isWhole: true };
const part = { memoryMb: 30_000, isWhole: false };

describe('a request that waits is called back', () => {
  it('for a GPU that became free, found or shared less, and for a session', () => {
    expect(hasGrown(asked, { ...asked, gpus: [gpu] })).toBe(true);
    expect(hasGrown({ ...asked, gpus: [part] }, { ...asked, gpus: [gpu] })).toBe(true);
    expect(hasGrown({ ...asked, gpus: [gpu] }, { ...asked, gpus: [part] })).toBe(false);
    expect(hasGrown({ ...asked, encoderSessions: 0 }, { ...asked, encoderSessions: 1 })).toBe(true);
  });

  it('for much more memory or cores, not for a little, and not if there is none', () => {
    expect(hasGrown(asked, { ...asked, memoryMb: 2_500 })).toBe(true);
    expect(hasGrown(asked, { slots: 2, memoryMb: 1_500, vcpu: 2 })).toBe(false);
    expect(hasGrown(NOTHING_FREE, { ...asked, gpus: [gpu] })).toBe(false);
  });
});

describe('two requests', () => {
  it('never offer the same', () => {
    const free = { slots: 3, memoryMb: 3_000, vcpu: 3, gpus: [gpu], encoderSessions: 2 };
    expect(minus(free, { ...asked, gpus: [gpu], encoderSessions: 2 })).toEqual({
      slots: 2,
      memoryMb: 2_000,
      vcpu: 2,
      encoderSessions: 0,
    });
  });
});
