import { Module } from '@nestjs/common';
import { UsesRepository } from '../catalogue/uses.repository.js';
import { FunctionsModule } from '../functions/functions.module.js';
import { BuiltinWorkflows } from './builtin-workflows.js';
import { TestStateService } from './test-state.service.js';
import { WorkflowAliasesService } from './workflow-aliases.service.js';
import { WorkflowsService } from './workflows.service.js';

@Module({
  imports: [FunctionsModule],
  providers: [BuiltinWorkflows, TestStateService, WorkflowsService, WorkflowAliasesService, UsesRepository],
  exports: [BuiltinWorkflows, TestStateService, WorkflowsService, WorkflowAliasesService],
})
export class WorkflowsModule {}
