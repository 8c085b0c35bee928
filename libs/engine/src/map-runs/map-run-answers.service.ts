import { Database } from '@app/common';
import { AslFailure, type Failure, type Happened } from '@app/workflow';
import { Injectable } from '@nestjs/common';
import { AdvanceService } from '../executions/advance.service.js';
import type { MapRun } from './map-run.js';
import { MapRunResultsService } from './map-run-results.service.js';
import { MapRunRepository } from './map-run.repository.js';

/** Tells the state that waits, and the map run's own row, how it came out. */
@Injectable()
export class MapRunAnswersService {
  constructor(
    private readonly database: Database,
    private readonly advance: AdvanceService,
    private readonly runs: MapRunRepository,
    private readonly results: MapRunResultsService,
  ) {}

  async succeed(run: MapRun): Promise<void> {
    try {
      const output = await this.results.output(run);
      await this.database.transaction(async () => {
        await this.tell(run, { type: 'MapRunSucceeded', step: run.step, output });
        await this.runs.end(run, 'SUCCEEDED');
      });
    } catch (error) {
      if (!(error instanceof AslFailure)) throw error;
      await this.fail(run, { error: error.error, cause: error.cause as string });
    }
  }

  async fail(run: MapRun, failure: Failure): Promise<void> {
    await this.database.transaction(async () => {
      await this.tell(run, { type: 'MapRunFailed', step: run.step, failure });
      await this.runs.end(run, 'FAILED', failure);
    });
  }

  /** Nothing is left to do: the children have ended, and what a ResultWriter asked for is written of a failure, too. */
  async close(run: MapRun): Promise<void> {
    if (run.status === 'FAILED' && run.spec.writer?.resource !== undefined)
      await this.results.output(run).catch((error: unknown) => {
        if (!(error instanceof AslFailure)) throw error;
      });
    await this.runs.finish(run);
  }

  private async tell({ executionId, frameId }: MapRun, happened: Happened): Promise<void> {
    await this.advance.advance(executionId, [{ frameId, happened }]);
  }
}
