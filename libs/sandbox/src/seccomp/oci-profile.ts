import { CLONE_NEWUSER, DENIED, DENIED_SOCKETS, ERRNO, INTERNET_SOCKETS } from './denied-calls.js';

/** The same filter in the words of the OCI runtime specification. */
export function ociProfile(internet: 'allowed' | 'denied'): object {
  const sockets = internet === 'denied' ? [...DENIED_SOCKETS, ...INTERNET_SOCKETS] : DENIED_SOCKETS;
  return {
    defaultAction: 'SCMP_ACT_ALLOW',
    architectures: [process.arch === 'arm64' ? 'SCMP_ARCH_AARCH64' : 'SCMP_ARCH_X86_64'],
    syscalls: [
      refuse(Object.keys(DENIED), ERRNO.EPERM),
      refuse(['clone3'], ERRNO.ENOSYS),
      refuse(['clone'], ERRNO.EPERM, [
        { index: 0, value: CLONE_NEWUSER, valueTwo: CLONE_NEWUSER, op: 'SCMP_CMP_MASKED_EQ' },
      ]),
      ...sockets.map((family) =>
        refuse(['socket'], ERRNO.EAFNOSUPPORT, [{ index: 0, value: family, op: 'SCMP_CMP_EQ' }]),
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
