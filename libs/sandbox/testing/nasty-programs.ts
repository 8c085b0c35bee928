/** Programs that do not want to end, or to be fair, and how they may end. */
export interface NastyProgram {
  readonly name: string;
  /** Of sh, with `$T` as a word that every process of it should carry on its command line. */
  readonly script?: string;
  readonly node?: string;
  readonly python?: string;
  /** `timeout` unless something else is said. */
  readonly ends?: readonly string[];
  readonly limits?: { readonly memoryBytes?: number; readonly pids?: number };
  readonly diskBytes?: number;
  /** What stops it where the machine has this cgroup controller; without it the program is not let loose. */
  readonly needs?: 'memory' | 'pids';
  /** A driver that searches for processes says of itself that it misses such ones. */
  readonly hides?: true;
  readonly timeoutMs?: number;
}

const DEAF = "trap '' TERM INT HUP QUIT USR1 USR2 ALRM; ";
const MB = 1_000_000;

/** At least one of each kind that the execution plane is meant to survive. */
export const NASTY: readonly NastyProgram[] = [
  { name: 'a busy loop in sh', script: 'while :; do :; done' },
  { name: 'a busy loop in node', node: 'for (;;);' },
  { name: 'a busy loop in python', python: 'while True: pass' },
  {
    name: 'a busy loop in every thread',
    python:
      'import threading\nfor _ in range(8): threading.Thread(target=lambda: [None for _ in iter(int, 1)]).start()',
  },
  { name: 'one that ignores all it can in sh', script: `${DEAF} while :; do sleep 0.05; done` },
  {
    name: 'one that ignores all it can in node',
    node: "for (const s of ['SIGTERM','SIGINT','SIGHUP','SIGQUIT']) process.on(s, () => {}); setInterval(() => {}, 1e6)",
  },
  {
    name: 'one that ignores all it can in python',
    python:
      'import signal, time\nfor s in set(signal.Signals) - {9, 19}:\n try: signal.signal(s, signal.SIG_IGN)\n except OSError: pass\ntime.sleep(1e6)',
  },
  {
    name: 'one that starts anew when it is asked to stop',
    script: 'again() { sh -c "trap \'\' TERM; sleep $T" & wait; }; trap again TERM; while :; do sleep $T & wait; done',
  },
  {
    name: 'one that answers SIGTERM with a child',
    python: 'import os, signal, time\nsignal.signal(15, lambda *a: os.fork())\nwhile True: time.sleep(0.01)',
  },
  { name: 'a daemon in a session of its own', script: '(setsid sleep $T >/dev/null 2>&1 &); sleep $T' },
  {
    name: 'a daemon that forked twice',
    python:
      'import os, sys, time\nif os.fork() == 0:\n os.setsid()\n if os.fork() == 0:\n  os.close(0); os.close(1); os.close(2); time.sleep(1e6)\n os._exit(0)\ntime.sleep(1e6)',
  },
  {
    name: 'a daemon that stays when the program exits with 0',
    script: '(setsid sleep $T >/dev/null 2>&1 &); exit 0',
    ends: ['exit'],
  },
  {
    name: 'a daemon with a cleared environment',
    script: 'setsid env -i sleep $T >/dev/null 2>&1 & sleep 0.1; exit 0',
    ends: ['exit'],
    hides: true,
  },
  {
    name: 'a daemon that forks on while the program exits',
    script: '(setsid sh -c "trap \'\' TERM; while :; do sleep 0.01 & wait; done; : $T" >/dev/null 2>&1 &); exit 3',
    ends: ['exit'],
  },
  {
    name: 'a deep tree of processes',
    script: 'down() { [ "$1" = 0 ] && exec sleep $T; down $(($1 - 1)) & wait; }; down 25',
  },
  { name: 'a wide tree of processes', script: 'i=0; while [ $i -lt 60 ]; do sleep $T & i=$((i + 1)); done; wait' },
  {
    name: 'a tree that grows',
    script: `${DEAF} grow() { sleep 0.1; grow & grow & wait; }; grow`,
    ends: ['timeout', 'exit'], // sh gives up when it cannot fork.
    limits: { pids: 60 },
    needs: 'pids',
  },
  {
    name: 'a fork bomb in python',
    python: 'import os\nwhile True:\n try: os.fork()\n except OSError: pass',
    limits: { pids: 60 },
    needs: 'pids',
  },
  {
    name: 'a fork bomb in sh that ignores SIGTERM',
    script: `${DEAF} bomb() { bomb | bomb & }; while :; do bomb; done`,
    ends: ['timeout', 'exit'], // sh gives up when it cannot fork.
    limits: { pids: 60 },
    needs: 'pids',
  },
  {
    name: 'threads without end',
    python:
      'import threading, time\nwhile True:\n try: threading.Thread(target=time.sleep, args=(1e6,)).start()\n except RuntimeError: time.sleep(0.01)',
    limits: { pids: 60 },
    needs: 'pids',
  },
  {
    name: 'a memory hog in node',
    node: 'const all = []; for (;;) all.push(Buffer.alloc(1 << 20, 1))',
    ends: ['oom'],
    limits: { memoryBytes: 100 * MB },
    needs: 'memory',
  },
  {
    name: 'a memory hog in python',
    python: 'all = []\nwhile True: all.append(b"x" * 1000000)',
    ends: ['oom'],
    limits: { memoryBytes: 64 * MB },
    needs: 'memory',
  },
  {
    name: 'a memory hog in a child whose parent lives on',
    python: 'import os, time\nif os.fork() == 0:\n all = []\n while True: all.append(b"x" * 1000000)\ntime.sleep(1e6)',
    ends: ['timeout', 'oom'],
    limits: { memoryBytes: 64 * MB },
    needs: 'memory',
    timeoutMs: 1_500,
  },
  {
    name: 'a disk filler with one file',
    script: 'exec dd if=/dev/zero of=fill bs=64k 2>/dev/null',
    ends: ['disk'],
    diskBytes: 20 * MB,
  },
  {
    name: 'a disk filler with many files',
    python: 'i = 0\nwhile True:\n open("f%d" % i, "wb").write(b"x" * 50000); i += 1',
    ends: ['disk'],
    diskBytes: 20 * MB,
  },
  { name: 'a file that was deleted and is written on', script: 'exec 3> gone; rm gone; while :; do echo x >&3; done' },
  { name: 'one that holds the pipes after its parent', script: 'setsid sleep $T & echo bye; exit 0', ends: ['exit'] },
  {
    name: 'one that never reads its pipes',
    script: 'mkfifo p; sleep $T < p & exec 3> p; while :; do echo x >&3; done',
  },
  { name: 'zombies', python: 'import os, time\nfor _ in range(40):\n if os.fork() == 0: os._exit(0)\ntime.sleep(1e6)' },
  { name: 'orphans without end', script: 'while :; do (sleep 0.2 &); sleep 0.02; done' },
  { name: 'a flood of stdout', script: 'exec yes 0123456789' },
  { name: 'a flood of stderr without a line end', script: `${DEAF} yes x | tr -d "\\n" >&2` },
  {
    name: 'a flood from a deaf child',
    script: `${DEAF} (setsid sh -c "trap '' TERM; yes $T") & while :; do sleep 0.05; done`,
  },
  { name: 'a program that stopped itself', script: 'kill -STOP $$; while :; do sleep 0.05; done' },
  { name: 'a stopped child that is deaf', script: `${DEAF} sleep $T & kill -STOP $!; wait` },
  {
    name: 'a process group of its own for each child',
    python:
      'import os, time\nfor _ in range(10):\n if os.fork() == 0:\n  os.setpgid(0, 0); time.sleep(1e6)\ntime.sleep(1e6)',
  },
  {
    name: 'one that changes its name',
    python: 'import ctypes, time\nctypes.CDLL(None).prctl(15, b"[kworker/0:1]", 0, 0, 0)\ntime.sleep(1e6)',
  },
  { name: 'a crash with a core', script: 'kill -SEGV $$', ends: ['crashed'] },
  { name: 'a signal storm against itself', script: `${DEAF} while :; do kill -USR1 0; done` },
];
