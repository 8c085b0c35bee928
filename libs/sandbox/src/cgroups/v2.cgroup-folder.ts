import { join } from 'node:path';
import { signalProcess } from '../processes/processes.js';
import {
  type CgroupFolder,
  fileFinder,
  processesIn,
  readField,
  readNumber,
  readText,
  sumFields,
  tryWrite,
} from './cgroup-folder.js';
import { V2Peak } from './v2-peak.js';

const PERIOD_US = 100_000;
const WEIGHT_OF_A_CORE = 100;

/** `cgroup.kill` (Linux 5.14) needs no controller, so it also works on the bare v2 mount of a hybrid host. */
export function v2CgroupFolder(dir: string): CgroupFolder {
  const file = fileFinder(dir);
  const peak = new V2Peak(file);
  return {
    dir,
    get hasWholeIo() {
      return file('io.stat') !== undefined;
    },
    close: () => peak.close(),
    limit({ memoryBytes, pids, vcpu, cpu }) {
      if (memoryBytes !== undefined) {
        tryWrite(join(dir, 'memory.max'), String(memoryBytes));
        tryWrite(join(dir, 'memory.swap.max'), '0');
        tryWrite(join(dir, 'memory.oom.group'), '1'); // Out of memory ends the whole task, not a child it may not notice.
      }
      if (pids !== undefined) tryWrite(join(dir, 'pids.max'), String(pids));
      if (vcpu === undefined) return;
      tryWrite(join(dir, 'cpu.weight'), String(Math.min(10_000, Math.max(1, Math.round(vcpu * WEIGHT_OF_A_CORE)))));
      if (cpu === 'ceiling') tryWrite(join(dir, 'cpu.max'), `${Math.ceil(vcpu * PERIOD_US)} ${PERIOD_US}`);
    },
    strike() {
      tryWrite(join(dir, 'cpu.max'), `max ${PERIOD_US}`); // Dying costs time, too.
      if (tryWrite(join(dir, 'cgroup.kill'), '1')) return;
      tryWrite(join(dir, 'pids.max'), '0');
      for (const pid of processesIn(dir)) signalProcess(pid, 'SIGKILL');
    },
    resetPeak: () => peak.reset(),
    memoryBytes() {
      peak.glance();
      const used = readNumber(file('memory.current'));
      return used === undefined ? undefined : used - (readField(file('memory.stat'), 'inactive_file') ?? 0);
    },
    usage() {
      const cpuUs = readField(file('cpu.stat'), 'usage_usec');
      const peakMemoryBytes = peak.read();
      const oomKills = readField(file('memory.events'), 'oom_kill');
      const readBytes = sumFields(file('io.stat'), /\brbytes=(\d+)/g);
      const writtenBytes = sumFields(file('io.stat'), /\bwbytes=(\d+)/g);
      return {
        ...(readBytes !== undefined && { readBytes }),
        ...(writtenBytes !== undefined && { writtenBytes }),
        ...(cpuUs !== undefined && { cpuMs: cpuUs / 1e3 }),
        ...(peakMemoryBytes !== undefined && { peakMemoryBytes }),
        ...(oomKills !== undefined && { oomKills }),
      };
    },
  };
}

/** Passes controllers on to the cgroups below; what the kernel or our parent does not give is left out. */
export function passOn(dir: string, wanted: readonly string[]): void {
  const has = readText(join(dir, 'cgroup.controllers')).trim().split(' ');
  for (const name of wanted.filter((controller) => has.includes(controller))) {
    tryWrite(join(dir, 'cgroup.subtree_control'), `+${name}`);
  }
}
