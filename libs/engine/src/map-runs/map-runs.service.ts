import { Database, Wakeups } from '@app/common';
import { Injectable } from '@nestjs/common';
import { MAP_RUNS_TOPIC } from './map-run-commands.js';
import type { MapRun, Tally } from './map-run.js';
import { MapRunChildRepository } from './map-run-child.repository.js';
import { MapRunRepository } from './map-run.repository.js';
import { MapRunHasEnded, MapRunNotFound } from './map-runs.errors.js';

/** What may be changed while it runs. */
export type MapRunChange = Partial<
  Pick<MapRun['spec'], 'maxConcurrency' | 'toleratedFailureCount' | 'toleratedFailurePercentage'>
>;

export interface MapRunSeen extends MapRun {
  /** Children that have not succeeded and wait to be driven again; they are in no other count. */
  readonly pendingRedrive: Tally;
}

/** Map runs as people see them. */
@Injectable()
export class MapRunsService {
  constructor(
    private readonly database: Database,
    private readonly runs: MapRunRepository,
    private readonly children: MapRunChildRepository,
    private readonly wakeups: Wakeups,
  ) {}

  async get(namespace: string, id: string): Promise<MapRunSeen> {
    const run = await this.runs.find(id);
    if (run?.namespace !== namespace) throw new MapRunNotFound(id);
    return this.seen(run);
  }

  async listOfExecution(executionId: string): Promise<MapRunSeen[]> {
    return Promise.all((await this.runs.listOfExecution(executionId)).map((run) => this.seen(run)));
  }

  /** From its next turn on: what has begun goes on, however many that are. */
  async update(namespace: string, id: string, change: MapRunChange): Promise<MapRunSeen> {
    return this.database.transaction(async () => {
      await this.runs.lock(id);
      const run = await this.get(namespace, id);
      if (run.status !== 'RUNNING') throw new MapRunHasEnded(id, run.status);
      const spec = { ...run.spec, ...change };
      await this.runs.saveSpec(id, spec);
      this.wakeups.wake(MAP_RUNS_TOPIC);
      return { ...run, spec };
    });
  }

  private async seen(run: MapRun): Promise<MapRunSeen> {
    return { ...run, pendingRedrive: await this.children.countToRedrive(run) };
  }
}
