import { Module } from '@nestjs/common';
import { UsesRepository } from '../catalogue/uses.repository.js';
import { FunctionsModule } from '../functions/functions.module.js';
import { WorkflowsService } from './workflows.service.js';

@Module({ imports: [FunctionsModule], providers: [WorkflowsService, UsesRepository], exports: [WorkflowsService] })
export class WorkflowsModule {}
