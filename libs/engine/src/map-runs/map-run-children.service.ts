import { Injectable } from '@nestjs/common';
import { v7 as uuid } from 'uuid';
import { AdvanceService } from '../executions/advance.service.js';
import { NEW_EXECUTION } from '../executions/execution.js';
import { RedriveService } from '../redrive/redrive.service.js';
import type { NextChild } from './item-feed.js';
import type { MapRun, MapRunCounts } from './map-run.js';
import { MapRunChildRepository } from './map-run-child.repository.js';
import { MapRunEndingRepository } from './map-run-ending.repository.js';
import type { MapRunParent } from './map-run-parents.service.js';

const STOPPED = { error: '', cause: 'The map run that it belongs to was stopped' };

/** Begins and ends the executions of a map run. Each of these may be repeated. */
@Injectable()
export class MapRunChildrenService {
  constructor(
    private readonly advance: AdvanceService,
    private readonly children: MapRunChildRepository,
    private readonly endings: MapRunEndingRepository,
    private readonly redrives: RedriveService,
  ) {}

  /** One that has begun, before a crash, stays as it is: its name is its place. */
  async begin(run: MapRun, { execution, processor }: MapRunParent, next: readonly NextChild[]): Promise<void> {
    const { namespace, workflow, workflowVersionId, version, alias } = execution;
    const startedAt = new Date();
    await Promise.all(
      next.map(({ index, input, items }) => {
        const of = { namespace, workflow, workflowVersionId, version, alias, startedAt, machine: processor };
        const mapRun = { id: run.id, index, items };
        return this.advance.begin(
          { ...NEW_EXECUTION, ...of, id: uuid(), name: `${run.id}-${index}`, input, mapRun },
          undefined,
        );
      }),
    );
  }

  async countEnded({ id }: MapRun, limit: number): Promise<MapRunCounts> {
    return this.endings.count(id, limit);
  }

  /** Whether there were any that have not succeeded, and were not driven again since the map run was. */
  async redrive(run: MapRun, limit: number): Promise<boolean> {
    const unsuccessful = await this.children.listToRedrive(run, limit);
    await Promise.all(unsuccessful.map((id) => this.redrives.redriveAny(id)));
    return unsuccessful.length > 0;
  }

  /** Whether there were any to stop. */
  async stop(run: MapRun, limit: number): Promise<boolean> {
    const running = await this.children.listRunning(run.id, limit);
    const happened = { type: 'Stopped', failure: STOPPED, status: 'ABORTED' } as const;
    await Promise.all(running.map((id) => this.advance.advance(id, [{ frameId: 0, happened }])));
    return running.length > 0;
  }
}
