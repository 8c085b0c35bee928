import { setTimeout as sleep } from 'node:timers/promises';
import { join } from 'node:path';
import { type CgroupFolder, type CgroupLimits, type CgroupUsage, processesIn, removeTree } from './cgroup-folder.js';

/** The cgroup of one sandbox: a folder in each hierarchy that is of use. */
export class Cgroup {
  constructor(
    private readonly folders: readonly CgroupFolder[],
    /** How limits on the processor are meant. */
    private readonly cpu?: CgroupLimits['cpu'],
  ) {}

  limit(limits: CgroupLimits): void {
    for (const folder of this.folders) folder.limit({ ...limits, ...(this.cpu && { cpu: this.cpu }) });
  }

  /** A process joins by writing 0 into each of these. */
  get joinFiles(): string[] {
    return this.folders.map(({ dir }) => join(dir, 'cgroup.procs'));
  }

  processes(): number[] {
    return [...new Set(this.folders.flatMap(({ dir }) => processesIn(dir)))];
  }

  strike(): void {
    for (const folder of this.folders) folder.strike();
  }

  usage(): CgroupUsage {
    return Object.assign({}, ...this.folders.map((folder) => folder.usage()));
  }

  /** What is used now; page cache that could be given back at once is not counted. */
  memoryBytes(): number | undefined {
    return this.folders.map((folder) => folder.memoryBytes()).find((bytes) => bytes !== undefined);
  }

  resetPeak(): void {
    for (const folder of this.folders) folder.resetPeak();
  }

  /** Whether what is read and written is counted in full. */
  get hasWholeIo(): boolean {
    return this.folders.some((folder) => folder.hasWholeIo);
  }

  remove(): void {
    for (const folder of this.folders) {
      folder.close();
      removeTree(folder.dir);
    }
  }

  /** Kills everything inside and removes the folders; false if something would not die in time. */
  async destroy(deadlineMs: number): Promise<boolean> {
    const end = performance.now() + deadlineMs;
    while (this.processes().length > 0 && performance.now() < end) {
      this.strike();
      await sleep(2);
    }
    const isEmpty = this.processes().length === 0;
    this.remove();
    return isEmpty;
  }
}
