import type { Gpu, Resources } from '@app/worker-api';

export interface GpuNeed {
  /** How many devices. */
  readonly gpus?: number | undefined;
  /** This much of each; without it the devices are its alone. */
  readonly gpuMemoryMb?: number | undefined;
}

interface Held {
  readonly gpu: Gpu;
  freeMb: number;
  /** How many have it, or a part of it. */
  users: number;
}

/** The GPUs of this machine and what is free of each. */
export class HeldGpus {
  private readonly held: readonly Held[];

  constructor(readonly devices: readonly Gpu[]) {
    this.held = devices.map((gpu) => ({ gpu, freeMb: gpu.memoryMb, users: 0 }));
  }

  get free(): NonNullable<Resources['gpus']> {
    return this.held.map(({ freeMb, users }) => ({ memoryMb: freeMb, isWhole: users === 0 }));
  }

  /** Undefined if there are not enough. Shares are packed: the fullest device that has room comes first. */
  take({ gpus = 0, gpuMemoryMb }: GpuNeed): readonly Gpu[] | undefined {
    const fitting = this.held.filter(({ freeMb, users }) =>
      gpuMemoryMb === undefined ? users === 0 : freeMb >= gpuMemoryMb,
    );
    if (fitting.length < gpus) return undefined;
    const chosen = fitting.toSorted((a, b) => a.freeMb - b.freeMb).slice(0, gpus);
    for (const one of chosen) {
      one.users++;
      one.freeMb -= gpuMemoryMb ?? one.freeMb;
    }
    return chosen.map(({ gpu }) => gpu);
  }

  give(gpus: readonly Gpu[], { gpuMemoryMb }: GpuNeed): void {
    for (const one of this.held) {
      if (!gpus.includes(one.gpu)) continue;
      one.users--;
      one.freeMb += gpuMemoryMb ?? one.gpu.memoryMb;
    }
  }
}
