import { describe, expect, it } from '@jest/globals';
import { seccompFilter } from './filter.js';

const ARCH = { x64: 0xc000_003e, arm64: 0xc000_00b7, arm: 0x4000_0028 };
const ALLOWED = 0x7fff_0000;
const KILLED = 0x8000_0000;
const refused = (errno: number) => 0x0005_0000 | errno;

/** Runs the filter as the kernel would: what it answers to a call with this first argument. */
function judge(filter: Buffer, call: { arch: number; nr: number; argument?: number }): number {
  const data = new Map([
    [0, call.nr],
    [4, call.arch],
    [16, call.argument ?? 0],
  ]);
  let accumulator = 0;
  for (let at = 0; ; at++) {
    const code = filter.readUInt16LE(at * 8);
    const k = filter.readUInt32LE(at * 8 + 4);
    if (code === 0x06) return k;
    if (code === 0x20) accumulator = data.get(k) ?? 0;
    const isTrue = code === 0x15 ? accumulator === k : code === 0x35 ? accumulator >= k : (accumulator & k) !== 0;
    if (code !== 0x20) at += filter.readUInt8(at * 8 + (isTrue ? 2 : 3));
  }
}

describe.each([
  ['x64', { read: 0, mount: 165, ptrace: 101, clone: 56, clone3: 435, socket: 41 }],
  ['arm64', { read: 63, mount: 40, ptrace: 117, clone: 220, clone3: 435, socket: 198 }],
] as const)('the filter of system calls on %s', (name, numbers) => {
  const arch = ARCH[name];
  const open = seccompFilter(name, 'allowed')!;
  const closed = seccompFilter(name, 'denied')!;

  it('allows what programs need and refuses what they do not', () => {
    expect(judge(open, { arch, nr: numbers.read })).toBe(ALLOWED);
    expect(judge(open, { arch, nr: numbers.mount })).toBe(refused(1));
    expect(judge(open, { arch, nr: numbers.ptrace })).toBe(refused(1));
    expect(judge(open, { arch, nr: numbers.clone3 })).toBe(refused(38));
  });

  it('allows new processes, but no user namespace', () => {
    expect(judge(open, { arch, nr: numbers.clone, argument: 0x0120_0011 })).toBe(ALLOWED);
    expect(judge(open, { arch, nr: numbers.clone, argument: 0x1000_0011 })).toBe(refused(1));
  });

  it('allows sockets of the internet only with a network, and never those of the hypervisor', () => {
    for (const [argument, withNetwork, without] of [
      [1, ALLOWED, ALLOWED], // A socket file: the Runtime API.
      [2, ALLOWED, refused(97)],
      [10, ALLOWED, refused(97)],
      [40, refused(97), refused(97)],
    ] as const) {
      expect(judge(open, { arch, nr: numbers.socket, argument })).toBe(withNetwork);
      expect(judge(closed, { arch, nr: numbers.socket, argument })).toBe(without);
    }
  });

  it('kills a program of another architecture, whose numbers mean other calls', () => {
    expect(judge(open, { arch: ARCH.arm, nr: numbers.read })).toBe(KILLED);
  });
});

it('kills a call of the x32 kind, and knows no other machine', () => {
  expect(judge(seccompFilter('x64', 'allowed')!, { arch: ARCH.x64, nr: 0x4000_0000 + 165 })).toBe(KILLED);
  expect(seccompFilter('mips', 'allowed')).toBeUndefined();
});
