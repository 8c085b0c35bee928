/**
 * System calls that no function needs and that reach the kernel's less trodden parts, or the machine itself:
 * mounting, namespaces, modules, other processes' memory, keys, clocks. They fail with EPERM. The numbers are
 * those of the kernel's headers, x86_64 (unistd_64.h) and arm64 (asm-generic/unistd.h); `undefined` is a call that
 * the architecture does not have.
 */
export const DENIED: Readonly<Record<string, readonly [x64: number | undefined, arm64: number | undefined]>> = {
  _sysctl: [156, undefined],
  acct: [163, 89],
  add_key: [248, 217],
  bpf: [321, 280],
  chroot: [161, 51],
  clock_adjtime: [305, 266],
  clock_settime: [227, 112],
  create_module: [174, undefined],
  delete_module: [176, 106],
  fanotify_init: [300, 262],
  finit_module: [313, 273],
  fsconfig: [431, 431],
  fsmount: [432, 432],
  fsopen: [430, 430],
  fspick: [433, 433],
  get_kernel_syms: [177, undefined],
  init_module: [175, 105],
  io_uring_enter: [426, 426],
  io_uring_register: [427, 427],
  io_uring_setup: [425, 425],
  ioperm: [173, undefined],
  iopl: [172, undefined],
  kcmp: [312, 272],
  kexec_file_load: [320, 294],
  kexec_load: [246, 104],
  keyctl: [250, 219],
  lookup_dcookie: [212, 18],
  mount: [165, 40],
  mount_setattr: [442, 442],
  move_mount: [429, 429],
  move_pages: [279, 239],
  name_to_handle_at: [303, 264],
  nfsservctl: [180, 42],
  open_by_handle_at: [304, 265],
  open_tree: [428, 428],
  perf_event_open: [298, 241],
  pidfd_getfd: [438, 438],
  pivot_root: [155, 41],
  process_vm_readv: [310, 270],
  process_vm_writev: [311, 271],
  ptrace: [101, 117],
  query_module: [178, undefined],
  quotactl: [179, 60],
  quotactl_fd: [443, 443],
  reboot: [169, 142],
  request_key: [249, 218],
  setdomainname: [171, 162],
  sethostname: [170, 161],
  setns: [308, 268],
  settimeofday: [164, 170],
  swapoff: [168, 225],
  swapon: [167, 224],
  syslog: [103, 116],
  umount2: [166, 39],
  unshare: [272, 97],
  uselib: [134, undefined],
  userfaultfd: [323, 282],
  ustat: [136, undefined],
  vhangup: [153, 58],
};

/** Calls that are judged by an argument, or answered otherwise. */
export const SOCKET = { socket: [41, 198], socketpair: [53, 199] } as const;
export const CLONE = [56, 220] as const;
/** Its flags are in memory, which a filter cannot read: "no such call" makes the C library take `clone`. */
export const CLONE3 = [435, 435] as const;

export const CLONE_NEWUSER = 0x1000_0000;
/**
 * The families of sockets that a function may have: files, the internet in both versions, and what the kernel tells of its
 * networks. All others lead to the hypervisor (vsock), into its cryptography (alg) or make it load modules that hardly
 * anybody looks at.
 */
export const INTERNET_SOCKETS = [2, 10] as const;
export const OTHER_SOCKETS = [1, 16] as const;
/** More than Linux has, where all that are not allowed have to be named. */
export const SOCKET_FAMILIES = 64;

export const ERRNO = { EPERM: 1, ENOSYS: 38, EAFNOSUPPORT: 97 } as const;
