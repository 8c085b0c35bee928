import {
  CLONE,
  CLONE3,
  CLONE_NEWUSER,
  DENIED,
  ERRNO,
  INTERNET_SOCKETS,
  OTHER_SOCKETS,
  SOCKET,
} from './denied-calls.js';

/**
 * The filter as classic BPF, for drivers that take nothing else. Eight bytes an instruction (linux/filter.h):
 *
 *   u16 code | u8 jump if true | u8 jump if false | u32 k        all little-endian
 *
 * over struct seccomp_data { int nr; u32 arch; u64 instruction_pointer; u64 args[6]; }.
 */
const LOAD = 0x20; // BPF_LD | BPF_W | BPF_ABS
const IF_EQUAL = 0x15; // BPF_JMP | BPF_JEQ | BPF_K
const IF_AT_LEAST = 0x35; // BPF_JMP | BPF_JGE | BPF_K
const IF_ANY_BIT = 0x45; // BPF_JMP | BPF_JSET | BPF_K
const RETURN = 0x06;

const NR = 0;
const ARCH = 4;
const FIRST_ARGUMENT = 16;

const ALLOW = 0x7fff_0000;
const KILL = 0x8000_0000;
const errno = (code: number): number => 0x0005_0000 | code;

const AUDIT_ARCH = { x64: 0xc000_003e, arm64: 0xc000_00b7 } as const;
/** From here on an x86_64 number is one of the x32 ABI, whose calls no program of a distribution makes. */
const X32 = 0x4000_0000;

export type Architecture = keyof typeof AUDIT_ARCH;
type Instruction = readonly [code: number, ifTrue: number, ifFalse: number, k: number];

/** Undefined for an architecture whose numbers we do not have. */
export function seccompFilter(arch: string, internet: 'allowed' | 'denied'): Buffer | undefined {
  if (arch !== 'x64' && arch !== 'arm64') return undefined;
  const column = arch === 'x64' ? 0 : 1;
  const sockets = internet === 'denied' ? OTHER_SOCKETS : [...OTHER_SOCKETS, ...INTERNET_SOCKETS];
  const numbers = Object.values(DENIED).flatMap((row) => row[column] ?? []);
  return assemble([
    [LOAD, 0, 0, ARCH],
    [IF_EQUAL, 1, 0, AUDIT_ARCH[arch]],
    [RETURN, 0, 0, KILL],
    [LOAD, 0, 0, NR],
    ...(arch === 'x64' ? refuseIf([IF_AT_LEAST, X32], KILL) : []),
    ...refuseIf([IF_EQUAL, CLONE3[column]], errno(ERRNO.ENOSYS)),
    ...numbers.flatMap((number) => refuseIf([IF_EQUAL, number], errno(ERRNO.EPERM))),
    ...byArgument(CLONE[column], refuseIf([IF_ANY_BIT, CLONE_NEWUSER], errno(ERRNO.EPERM))),
    ...Object.values(SOCKET).flatMap((row) =>
      byArgument(row[column], refuseUnless(sockets, errno(ERRNO.EAFNOSUPPORT))),
    ),
    [RETURN, 0, 0, ALLOW],
  ]);
}

const refuseIf = ([test, value]: readonly [number, number], answer: number): Instruction[] => [
  [test, 0, 1, value],
  [RETURN, 0, 0, answer],
];

/** The instruction behind these is what comes of one of the values. */
const refuseUnless = (values: readonly number[], answer: number): Instruction[] => [
  ...values.map((value, index): Instruction => [IF_EQUAL, values.length - index, 0, value]),
  [RETURN, 0, 0, answer],
];

/** Judges the lower half of the call's first argument, which is all that the kernel takes of it, then allows it. */
const byArgument = (number: number, judge: readonly Instruction[]): Instruction[] => [
  [IF_EQUAL, 0, judge.length + 2, number],
  [LOAD, 0, 0, FIRST_ARGUMENT],
  ...judge,
  [RETURN, 0, 0, ALLOW],
];

function assemble(program: readonly Instruction[]): Buffer {
  const bytes = Buffer.alloc(program.length * 8);
  for (const [index, [code, ifTrue, ifFalse, k]] of program.entries()) {
    bytes.writeUInt16LE(code, index * 8);
    bytes.writeUInt8(ifTrue, index * 8 + 2);
    bytes.writeUInt8(ifFalse, index * 8 + 3);
    bytes.writeUInt32LE(k >>> 0, index * 8 + 4);
  }
  return bytes;
}
