import { Injectable } from '@nestjs/common';
import type { MapRun } from './map-run.js';
import { MapRunRepository } from './map-run.repository.js';
import { MapRunNotFound } from './map-runs.errors.js';

/** Map runs as people see them. */
@Injectable()
export class MapRunsService {
  constructor(private readonly runs: MapRunRepository) {}

  async get(namespace: string, id: string): Promise<MapRun> {
    const run = await this.runs.find(id);
    if (run?.namespace !== namespace) throw new MapRunNotFound(id);
    return run;
  }

  async listOfExecution(executionId: string): Promise<MapRun[]> {
    return this.runs.listOfExecution(executionId);
  }
}
