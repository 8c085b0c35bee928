import { join } from 'node:path';
import { signalProcess } from '../processes/processes.js';
import {
  type CgroupFolder,
  fileFinder,
  processesIn,
  readField,
  readNumber,
  sumFields,
  tryWrite,
} from './cgroup-folder.js';

const HAS_NO_LIMIT = 2 ** 60;
const PERIOD_US = 100_000;
const SHARES_OF_A_CORE = 1_024;

/**
 * v1 has no kill file. With `pids.max` at 0 nothing in the group can fork any more, so killing what is listed
 * until the list is empty comes to an end, against a fork bomb too.
 */
export function v1CgroupFolder(dir: string): CgroupFolder {
  const file = fileFinder(dir);
  return {
    dir,
    hasWholeIo: false,
    close() {},
    limit({ memoryBytes, pids, vcpu, cpu }) {
      if (memoryBytes !== undefined) {
        const limit = () => tryWrite(join(dir, 'memory.limit_in_bytes'), String(memoryBytes));
        // Never above that of memory and swap together, which goes first when both are raised.
        const isBelow = limit();
        tryWrite(join(dir, 'memory.memsw.limit_in_bytes'), String(memoryBytes)); // No escape into swap.
        if (!isBelow) limit();
      }
      if (pids !== undefined) tryWrite(join(dir, 'pids.max'), String(pids));
      if (vcpu === undefined) return;
      tryWrite(join(dir, 'cpu.shares'), String(Math.max(2, Math.round(vcpu * SHARES_OF_A_CORE))));
      if (cpu === 'ceiling') tryWrite(join(dir, 'cpu.cfs_quota_us'), String(Math.ceil(vcpu * PERIOD_US)));
    },
    strike() {
      tryWrite(join(dir, 'cpu.cfs_quota_us'), '-1'); // Dying costs time, too: at 0.1 cores a fork bomb takes ten times as long.
      tryWrite(join(dir, 'pids.max'), '0');
      for (const pid of processesIn(dir)) signalProcess(pid, 'SIGKILL');
    },
    resetPeak() {
      tryWrite(file('memory.max_usage_in_bytes'), '0');
    },
    memoryBytes() {
      const used = readNumber(file('memory.usage_in_bytes'));
      return used === undefined ? undefined : used - (readField(file('memory.stat'), 'total_inactive_file') ?? 0);
    },
    usage() {
      const cpuNs = readNumber(file('cpuacct.usage'));
      const peak = readNumber(file('memory.max_usage_in_bytes'));
      const oomKills = readField(file('memory.oom_control'), 'oom_kill');
      const readBytes = sumFields(file('blkio.throttle.io_service_bytes'), /^\d+:\d+ Read (\d+)$/gm);
      const writtenBytes = sumFields(file('blkio.throttle.io_service_bytes'), /^\d+:\d+ Write (\d+)$/gm);
      return {
        ...(readBytes !== undefined && { readBytes }),
        ...(writtenBytes !== undefined && { writtenBytes }),
        ...(cpuNs !== undefined && { cpuMs: cpuNs / 1e6 }),
        ...(peak !== undefined && peak < HAS_NO_LIMIT && { peakMemoryBytes: peak }),
        ...(oomKills !== undefined && { oomKills }),
      };
    },
  };
}
