import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { promisify } from 'node:util';
import type { Gpu } from '@app/worker-api';
import type { CdiDevice, CdiDevices } from './cdi.js';

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

/** For a task that was allotted these devices: as the specification says, or by NVIDIA's own names. */
export function attachedOf(gpus: readonly NvidiaGpu[], cdi: CdiDevices): CdiDevice {
  const all = gpus.map(({ uuid, index }) => cdi.get(uuid) ?? cdi.get(index) ?? byNames(index));
  return {
    devices: once(all.flatMap(({ devices }) => devices)),
    mounts: once(all.flatMap(({ mounts }) => mounts)),
    env: Object.assign({}, ...all.map(({ env }) => env)) as CdiDevice['env'],
  };
}

const byNames = (index: string): CdiDevice => ({
  devices: [`/dev/nvidia${index}`, ...COMMON_NODES].map((path) => ({ source: path, target: path })),
  mounts: [],
  env: {},
});

const once = (shown: CdiDevice['mounts']): CdiDevice['mounts'] =>
  [...new Map(shown.map((one) => [one.target, one])).values()].filter(({ source }) => existsSync(source));

const firstLine = (error: unknown): string => String(error).split('\n', 1)[0] ?? '';
