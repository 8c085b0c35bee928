import {
  CLONE_NEWUSER,
  DENIED,
  ERRNO,
  INTERNET_SOCKETS,
  OTHER_SOCKETS,
  SOCKET,
  SOCKET_FAMILIES,
} from './denied-calls.js';

/** The kernel takes an `int` from the register, libseccomp compares all of it: without a mask the upper half would hide the lower. */
const LOWER_HALF = 0xffff_ffff;

/** The same filter in the words of the OCI runtime specification. */
export function ociProfile(internet: 'allowed' | 'denied'): object {
  const allowed: readonly number[] = internet === 'denied' ? OTHER_SOCKETS : [...OTHER_SOCKETS, ...INTERNET_SOCKETS];
  const refused = [...Array(SOCKET_FAMILIES).keys()].filter((family) => !allowed.includes(family));
  return {
    defaultAction: 'SCMP_ACT_ALLOW',
    architectures: [process.arch === 'arm64' ? 'SCMP_ARCH_AARCH64' : 'SCMP_ARCH_X86_64'],
    syscalls: [
      refuse(Object.keys(DENIED), ERRNO.EPERM),
      refuse(['clone3'], ERRNO.ENOSYS),
      refuse(['clone'], ERRNO.EPERM, [
        { index: 0, value: CLONE_NEWUSER, valueTwo: CLONE_NEWUSER, op: 'SCMP_CMP_MASKED_EQ' },
      ]),
      ...refused.map((family) =>
        refuse(Object.keys(SOCKET), ERRNO.EAFNOSUPPORT, [
          { index: 0, value: LOWER_HALF, valueTwo: family, op: 'SCMP_CMP_MASKED_EQ' },
        ]),
      ),
    ],
  };
}

const refuse = (names: readonly string[], errnoRet: number, args?: readonly object[]) => ({
  names,
  action: 'SCMP_ACT_ERRNO',
  errnoRet,
  ...(args && { args }),
});
