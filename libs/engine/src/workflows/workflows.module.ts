import { Module } from '@nestjs/common';
import { FunctionsModule } from '../functions/functions.module.js';
import { WorkflowsService } from './workflows.service.js';

@Module({ imports: [FunctionsModule], providers: [WorkflowsService], exports: [WorkflowsService] })
export class WorkflowsModule {}
