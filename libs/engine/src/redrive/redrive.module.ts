import { Module } from '@nestjs/common';
import { ExecutionsModule } from '../executions/executions.module.js';
import { MapRunRepository } from '../map-runs/map-run.repository.js';
import { WorkflowsModule } from '../workflows/workflows.module.js';
import { RedriveRepository } from './redrive.repository.js';
import { RedriveService } from './redrive.service.js';
import { RerunService } from './rerun.service.js';

@Module({
  imports: [ExecutionsModule, WorkflowsModule],
  providers: [MapRunRepository, RedriveRepository, RedriveService, RerunService],
  exports: [MapRunRepository, RedriveService, RerunService],
})
export class RedriveModule {}
