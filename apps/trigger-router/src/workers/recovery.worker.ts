import { setTimeout as sleep } from 'node:timers/promises';
import { Loop } from '@app/common';
import {
  ExecutorsService,
  LostTasksService,
  ReservationsService,
  TaskOutputsService,
  TaskUploadsService,
} from '@app/engine';
import { Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';

const BATCH = 50;
const PAUSE_MS = 2_000;

/**
 * Picks up what others dropped when they died: outputs of succeeded tasks that were not made visible, uploads of
 * attempts that lost, tasks that lost every attempt. (A task that lost one attempt is simply due again, unless it holds a place below a limit.) And sees to it
 * that no task waits for ever behind smaller ones.
 */
@Injectable()
export class RecoveryWorker implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly loop = new Loop({ name: RecoveryWorker.name, restMs: PAUSE_MS }, (signal) => this.round(signal));

  constructor(
    private readonly outputs: TaskOutputsService,
    private readonly uploads: TaskUploadsService,
    private readonly lost: LostTasksService,
    private readonly executors: ExecutorsService,
    private readonly reservations: ReservationsService,
  ) {}

  onApplicationBootstrap(): void {
    this.loop.start();
  }

  async onModuleDestroy(): Promise<void> {
    await this.loop.stop();
  }

  private async round(signal: AbortSignal): Promise<void> {
    await this.outputs.publishOverdue(BATCH);
    await this.lost.failLost(BATCH);
    await this.lost.requeueLost(BATCH);
    await this.uploads.abortAbandoned(BATCH);
    await this.executors.forgetSilent();
    await this.reservations.reserve();
    await sleep(PAUSE_MS * (0.8 + 0.4 * Math.random()), undefined, { signal }).catch(() => {});
  }
}
