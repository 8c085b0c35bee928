import { availableParallelism } from 'node:os';
import { statfs } from 'node:fs/promises';
import type { Abilities, Gpu } from '@app/worker-api';
import { Injectable, Logger } from '@nestjs/common';
import { ExecutorConfig } from '../config.js';
import { Capacity } from '../worker/capacity.js';
import { Connection } from '../worker/connection.js';
import { type CdiDevice, type CdiDevices, findCdi } from './cdi.js';
import { CodecTrials } from './codec-trials.js';
import { attachedOf, findNvidiaGpus, type NvidiaGpu } from './nvidia-gpus.js';

const MB = 1024 * 1024;

/** For the files of all tasks, and of one that does not ask. */
interface Disk {
  readonly totalBytes: number;
  readonly maxBytes: number | undefined;
}

/** What this machine has and can do. The executor registers without it and says it when it is known. */
@Injectable()
export class Capabilities {
  private readonly logger = new Logger('Executor');
  private readonly stopping = new AbortController();
  private found: readonly NvidiaGpu[] = [];
  private cdi: CdiDevices = new Map();
  private codecs: Pick<Abilities, 'encoders' | 'decoders'> = {};

  constructor(
    private readonly config: ExecutorConfig,
    private readonly capacity: Capacity,
    private readonly connection: Connection,
    private readonly trials: CodecTrials,
  ) {}

  /** What is known without looking; the rest goes on behind it. */
  async start({ totalBytes, maxBytes = totalBytes }: Disk): Promise<void> {
    this.capacity.setDisk(Math.floor(totalBytes / MB), Math.floor(maxBytes / MB));
    const { gpus, workDir } = this.config;
    const disk = await statfs(workDir).catch(() => undefined);
    await this.connection.learn({
      cores: availableParallelism(),
      ...(disk && { diskMb: Math.floor((disk.bavail * disk.bsize) / MB) }),
    });
    if (gpus.kind === 'simulated') await this.use(gpus.gpus);
    void this.discover().catch((error: unknown) => {
      // One that stops looks no further: that is no failure.
      if (!this.stopping.signal.aborted) this.logger.error(`Looking at this machine failed: ${String(error)}`);
    });
  }

  stop(): void {
    this.stopping.abort();
  }

  /** What a task is told of its surroundings: the GPUs that are its, and none that are not, and what encodes. */
  environment(gpus: readonly Gpu[]): Record<string, string> {
    const { encoders, decoders } = this.codecs;
    return {
      ...(this.capacity.devices.length > 0 && visible(gpus)),
      ...(encoders && { SPOOL_ENCODERS: encoders.join(',') }),
      ...(decoders && { SPOOL_DECODERS: decoders.join(',') }),
    };
  }

  /** What these GPUs bring along; a simulated one brings nothing. */
  attached(gpus: readonly Gpu[]): CdiDevice {
    return attachedOf(
      this.found.filter(({ uuid }) => gpus.some((gpu) => gpu.uuid === uuid)),
      this.cdi,
    );
  }

  private async discover(): Promise<void> {
    if (this.config.gpus.kind === 'auto') {
      const { gpus, why } = await findNvidiaGpus();
      if (why) this.logger.warn(why);
      this.found = gpus;
      if (gpus.length > 0) await this.readCdi();
      if (gpus.length > 0)
        await this.use(gpus.map(({ uuid, model, memoryMb, driver }) => ({ uuid, model, memoryMb, driver })));
    }
    if (!this.config.probesCodecs) return;
    const [gpu] = this.found;
    const codecs = await this.trials.run(gpu?.driver ?? 'no GPU', this.stopping.signal);
    if (!codecs) return;
    this.codecs = codecs;
    await this.connection.learn(codecs);
  }

  private async readCdi(): Promise<void> {
    const { devices, notes } = await findCdi();
    this.cdi = devices;
    for (const note of notes) this.logger.warn(note);
  }

  private async use(gpus: readonly Gpu[]): Promise<void> {
    for (const { model, memoryMb, uuid, isSimulated } of gpus)
      this.logger.log(
        `GPU ${uuid}: ${model}, ${memoryMb} MB${isSimulated ? ' (a SIMULATION: there is no such device)' : ''}`,
      );
    this.capacity.addGpus(gpus);
    await this.connection.learn({ gpus: [...gpus] });
  }
}

/** CUDA and NVIDIA's container tools name devices by their UUID; an empty list hides all of them. */
function visible(gpus: readonly Gpu[]): Record<string, string> {
  const uuids = gpus.map(({ uuid }) => uuid).join(',');
  return { CUDA_VISIBLE_DEVICES: uuids, NVIDIA_VISIBLE_DEVICES: uuids || 'void', SPOOL_GPUS: String(gpus.length) };
}
