import { ExecutionsService } from '@app/engine';
import { Body, Controller, Param, Post } from '@nestjs/common';
import { Operation } from '../openapi/operation.decorator.js';
import { Namespace } from '../shell/caller.decorator.js';
import { name } from '../shell/names.js';
import { ExecutionViews } from './execution.view.js';
import { executionView, type StartExecution, startExecution } from './executions.dto.js';

@Controller('v1/workflows')
export class StartExecutionController {
  constructor(
    private readonly executions: ExecutionsService,
    private readonly views: ExecutionViews,
  ) {}

  @Post(':name/executions')
  @Operation({ summary: 'Starts an execution of a workflow', status: 201, answer: executionView })
  async start(
    @Namespace() namespace: string,
    @Param('name', { schema: name }) workflow: string,
    @Body({ schema: startExecution }) { name: executionName, input, version }: StartExecution,
  ) {
    const wanted = { input, ...(executionName && { name: executionName }), ...(version && { version }) };
    return this.views.of(await this.executions.start(namespace, workflow, wanted));
  }
}
