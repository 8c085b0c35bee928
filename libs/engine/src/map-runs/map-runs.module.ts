import { Module } from '@nestjs/common';
import { ExecutionsModule } from '../executions/executions.module.js';
import { RedriveModule } from '../redrive/redrive.module.js';
import { WorkflowsModule } from '../workflows/workflows.module.js';
import { ItemFeedsService } from './item-feeds.service.js';
import { MapRunAnswersService } from './map-run-answers.service.js';
import { MapRunChildRepository } from './map-run-child.repository.js';
import { MapRunChildrenService } from './map-run-children.service.js';
import { MapRunCommands } from './map-run-commands.js';
import { MapRunEndingRepository } from './map-run-ending.repository.js';
import { MapRunParentsService } from './map-run-parents.service.js';
import { MapRunResultsService } from './map-run-results.service.js';
import { MapRunTurnsService } from './map-run-turns.service.js';
import { MapRunsService } from './map-runs.service.js';

@Module({
  imports: [ExecutionsModule, RedriveModule, WorkflowsModule],
  providers: [
    ItemFeedsService,
    MapRunAnswersService,
    MapRunChildRepository,
    MapRunChildrenService,
    MapRunCommands,
    MapRunEndingRepository,
    MapRunParentsService,
    MapRunResultsService,
    MapRunTurnsService,
    MapRunsService,
  ],
  exports: [MapRunsService, MapRunTurnsService],
})
export class MapRunsModule {}
