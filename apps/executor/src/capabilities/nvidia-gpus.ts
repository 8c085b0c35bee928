import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { promisify } from 'node:util';
import type { Gpu } from '@app/worker-api';
import type { DeviceNodes } from './cdi.js';

const TIMEOUT_MS = 30_000;
const FIELDS = 'index,uuid,name,memory.total,driver_version';

/** A GPU of NVIDIA as `nvidia-smi` tells of it. */
export interface NvidiaGpu extends Gpu {
  readonly index: string;
}

/** What all CUDA programs need beside the node of their device. */
const COMMON_NODES = ['/dev/nvidiactl', '/dev/nvidia-uvm', '/dev/nvidia-uvm-tools', '/dev/nvidia-modeset'];

/** Empty where there is no `nvidia-smi`, or it finds nothing; `why` is for the log. */
export async function findNvidiaGpus(): Promise<{ readonly gpus: NvidiaGpu[]; readonly why?: string }> {
  try {
    const args = [`--query-gpu=${FIELDS}`, '--format=csv,noheader,nounits'];
    const { stdout } = await promisify(execFile)('nvidia-smi', args, { timeout: TIMEOUT_MS });
    return { gpus: readNvidiaGpus(stdout) };
  } catch (error) {
    const isMissing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    return { gpus: [], ...(!isMissing && { why: `nvidia-smi fails: ${firstLine(error)}` }) };
  }
}

/** One line for each device; a field that a device does not know is "[N/A]". */
export function readNvidiaGpus(csv: string): NvidiaGpu[] {
  return csv.split('\n').flatMap((line) => {
    const [index, uuid, model, memory, driver] = line.split(',').map((field) => field.trim());
    const memoryMb = Number(memory);
    if (!uuid?.startsWith('GPU-') || !/^\d+$/.test(index ?? '') || !model || !Number.isInteger(memoryMb)) return [];
    return [{ uuid, model, memoryMb, ...(driver && { driver }), index: index ?? '' }];
  });
}

/** The nodes for a task that was allotted these devices: as the specification says, or by NVIDIA's own names. */
export function nodesOf(gpus: readonly NvidiaGpu[], cdi: DeviceNodes | undefined): string[] {
  if (gpus.length === 0) return [];
  const nodes = gpus.flatMap(
    ({ uuid, index }) => cdi?.get(uuid) ?? cdi?.get(index) ?? [`/dev/nvidia${index}`, ...COMMON_NODES],
  );
  return [...new Set(nodes)].filter((node) => existsSync(node));
}

const firstLine = (error: unknown): string => String(error).split('\n', 1)[0] ?? '';
