import { ExecutionsService, MapRunsService } from '@app/engine';
import { Controller, Get, Param } from '@nestjs/common';
import { Operation } from '../openapi/operation.decorator.js';
import { Namespace } from '../shell/caller.decorator.js';
import { uuid } from '../shell/names.js';
import { mapRunList, mapRunView, toMapRunView } from './map-runs.dto.js';

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
}
