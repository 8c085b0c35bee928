import { Loop, Wakeups } from '@app/common';
import { MAP_RUNS_TOPIC, MapRunTurnsService, PublishTasksService, SchedulesService, TimersService } from '@app/engine';
import { Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { lookThenRest } from './rest.js';

const BATCH = 100;
/** A turn of one may wait for the object store; others have theirs beside it. */
const MAP_RUNS = 8;
const REST_AFTER_ERROR_MS = 1_000;

/** Does what has become due: timers of executions, ticks of schedules, messages that workflows publish. */
@Injectable()
export class DueWorker implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly loops: readonly Loop[];

  constructor(
    timers: TimersService,
    schedules: SchedulesService,
    messages: PublishTasksService,
    mapRuns: MapRunTurnsService,
    private readonly wakeups: Wakeups,
  ) {
    this.loops = [
      this.loop('timers', async () => ((await timers.fireDue(BATCH)) === BATCH ? 0 : timers.nextInMs())),
      this.loop('triggers', async () => ((await schedules.fireDue(BATCH)) === BATCH ? 0 : schedules.nextInMs())),
      this.loop(MAP_RUNS_TOPIC, async () => ((await mapRuns.runDue(MAP_RUNS)) > 0 ? 0 : mapRuns.nextInMs())),
      this.loop('tasks:publish', async () => ((await messages.publishDue(BATCH)) > 0 ? 0 : undefined)),
    ];
  }

  onApplicationBootstrap(): void {
    for (const loop of this.loops) loop.start();
  }

  async onModuleDestroy(): Promise<void> {
    await Promise.all(this.loops.map((loop) => loop.stop()));
  }

  private loop(topic: string, look: () => Promise<number | undefined>): Loop {
    const options = { name: `${DueWorker.name}(${topic})`, restMs: REST_AFTER_ERROR_MS };
    return new Loop(options, (signal) => lookThenRest(this.wakeups, topic, look, signal));
  }
}
