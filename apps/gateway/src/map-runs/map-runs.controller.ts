import { ExecutionsService, type MapRunChange, MapRunsService } from '@app/engine';
import { Body, Controller, Get, Param, Patch } from '@nestjs/common';
import { Operation } from '../openapi/operation.decorator.js';
import { Namespace } from '../shell/caller.decorator.js';
import { uuid } from '../shell/names.js';
import { type ChangeMapRun, changeMapRun, mapRunList, mapRunView, toMapRunView } from './map-runs.dto.js';

@Controller('v1')
export class MapRunsController {
  constructor(
    private readonly mapRuns: MapRunsService,
    private readonly executions: ExecutionsService,
  ) {}

  @Get('executions/:id/map-runs')
  @Operation({ summary: 'Lists the map runs of an execution, newest first', answer: mapRunList })
  async list(@Namespace() namespace: string, @Param('id', { schema: uuid }) id: string) {
    await this.executions.get(namespace, id);
    return { items: (await this.mapRuns.listOfExecution(id)).map(toMapRunView) };
  }

  @Get('map-runs/:id')
  @Operation({
    summary: 'Shows a run of a distributed Map state, with counts of its items and executions',
    description: 'Its executions are listed at `/v1/executions?mapRun=ID`.',
    answer: mapRunView,
  })
  async get(@Namespace() namespace: string, @Param('id', { schema: uuid }) id: string) {
    return toMapRunView(await this.mapRuns.get(namespace, id));
  }

  @Patch('map-runs/:id')
  @Operation({
    summary: 'Changes a map run while it runs: how many of its executions run at once, and how many may fail',
    description:
      'Executions that have begun go on. A tolerance that is exceeded already fails the state at once; one that has ended is refused.',
    answer: mapRunView,
  })
  async update(
    @Namespace() namespace: string,
    @Param('id', { schema: uuid }) id: string,
    @Body({ schema: changeMapRun }) change: ChangeMapRun,
  ) {
    return toMapRunView(await this.mapRuns.update(namespace, id, change as MapRunChange));
  }
}
