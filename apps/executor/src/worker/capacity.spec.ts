import { beforeEach, describe, expect, it } from '@jest/globals';
import { Capacity } from './capacity.js';

const base = { slots: 4, memoryMb: 1_000, vcpu: 2, encoderSessions: 2 };
const gpus = [0, 1].map((n) => ({ uuid: `GPU-${n}`, model: 'Simulated GPU', memoryMb: 80_000, isSimulated: true }));
const small = { memoryMb: 100, vcpu: 0.1 };
const uuids = (reservation: { gpus: readonly { uuid: string }[] } | undefined) =>
  reservation?.gpus.map(({ uuid }) => uuid);

let capacity: Capacity;
beforeEach(() => {
  capacity = new Capacity(base);
});

describe('the disk', () => {
  it('is held by tasks that ask for some, and in equal shares by those that do not', () => {
    capacity = new Capacity({ slots: 4, memoryMb: 1_000, vcpu: 4 });
    capacity.setDisk(1_000, 250);
    expect(capacity.total).toMatchObject({ diskMb: 1_000, diskShareMb: 250 });
    const large = capacity.reserve({ memoryMb: 1, vcpu: 0, diskMb: 800 });
    expect(capacity.reserve({ memoryMb: 1, vcpu: 0 })).toBeUndefined();
    large?.release();
    const shares = [1, 2, 3, 4].map(() => capacity.reserve({ memoryMb: 1, vcpu: 0 }));
    expect(shares.every((one) => one !== undefined)).toBe(true);
    expect(capacity.free).toMatchObject({ slots: 0, diskMb: 0 });
  });
});

describe('the capacity of an executor', () => {
  it('has room for as much as fits together of everything, and no more', () => {
    expect(capacity.reserve({ memoryMb: 600, vcpu: 1 })).toBeDefined();
    expect(capacity.reserve({ memoryMb: 600, vcpu: 0.1 })).toBeUndefined();
    expect(capacity.reserve({ memoryMb: 100, vcpu: 1.5 })).toBeUndefined();
    expect(capacity.reserve({ ...small, encoderSessions: 3 })).toBeUndefined();
    for (let n = 0; n < 3; n++) expect(capacity.reserve(small)).toBeDefined();
    expect(capacity.reserve({ memoryMb: 0, vcpu: 0 })).toBeUndefined();
    expect(capacity.free).toMatchObject({ slots: 0, memoryMb: 100 });
  });

  it('is whole again when all is released, however often and in whatever order', () => {
    capacity.addGpus(gpus);
    const held = [0.1, 0.2, 0.3].map((vcpu) => capacity.reserve({ memoryMb: 10, vcpu, gpus: 1, gpuMemoryMb: 5_000 }));
    for (const one of held.toReversed()) one?.release();
    held[0]?.release();
    expect(capacity.free.vcpu).toBeCloseTo(2);
    expect(capacity.free).toMatchObject({ slots: 4, memoryMb: 1_000, gpus: capacity.total.gpus });
    expect(capacity.reserve({ memoryMb: 1_000, vcpu: 2, gpus: 2 })).toBeDefined();
  });

  it('gives whole devices to one, and shares of a device to many, packed', () => {
    capacity.addGpus(gpus);
    const first = capacity.reserve({ ...small, gpus: 1, gpuMemoryMb: 30_000 });
    const second = capacity.reserve({ ...small, gpus: 1, gpuMemoryMb: 50_000 });
    expect(uuids(second)).toEqual(uuids(first));
    const whole = capacity.reserve({ ...small, gpus: 1 });
    expect(uuids(whole)).not.toEqual(uuids(first));
    expect(capacity.reserve({ ...small, gpus: 1 })).toBeUndefined();
    expect(capacity.free.gpus?.map(({ memoryMb }) => memoryMb)).toEqual([0, 0]);
    second?.release();
    expect(capacity.free.gpus?.find(({ memoryMb }) => memoryMb > 0)).toEqual({ memoryMb: 50_000, isWhole: false });
  });

  it('has no room for a GPU where there is none, until one is found', async () => {
    const need = { ...small, gpus: 1 };
    expect(capacity.reserve(need)).toBeUndefined();
    const waiting = capacity.reserveWithin(60_000, need);
    capacity.addGpus(gpus);
    expect(uuids(await waiting)).toHaveLength(1);
  });

  it('lets who waits have what is released, before who comes later, and no longer than it said', async () => {
    const all = capacity.reserve({ memoryMb: 1_000, vcpu: 2 });
    const waiting = capacity.reserveWithin(60_000, { memoryMb: 800, vcpu: 2 });
    const impatient = capacity.reserveWithin(1, small);
    expect(await impatient).toBeUndefined();
    all?.release();
    expect(capacity.reserve({ memoryMb: 800, vcpu: 0 })).toBeUndefined();
    expect(await waiting).toBeDefined();
  });
});

describe('what is kept for a task that has waited long', () => {
  it('is left to it, with a slot, by whoever must leave it', () => {
    capacity.keep({ memoryMb: 800, vcpu: 1.5 });
    expect(capacity.isKept).toBe(true);
    expect(capacity.reserveBeside({ memoryMb: 201, vcpu: 0.1 })).toBeUndefined();
    expect(capacity.reserveBeside({ memoryMb: 1, vcpu: 0.6 })).toBeUndefined();
    expect(capacity.reserveBeside({ memoryMb: 200, vcpu: 0.5 })).toBeDefined();
    for (let n = 0; n < 2; n++) capacity.reserve({ memoryMb: 0, vcpu: 0 });
    expect(capacity.reserveBeside({ memoryMb: 0, vcpu: 0 })).toBeUndefined();
    expect(capacity.reserve({ memoryMb: 800, vcpu: 1.5 })).toBeDefined();
  });

  it("is everybody's again when nothing is kept any more", () => {
    capacity.keep({ memoryMb: 1_000, vcpu: 2 });
    expect(capacity.reserveBeside(small)).toBeUndefined();
    capacity.keep(undefined);
    expect(capacity.reserveBeside(small)).toBeDefined();
  });
});
