import { ExecutionsService } from '@app/engine';
import { Body, Controller, Param, Post, Query } from '@nestjs/common';
import { Operation } from '../openapi/operation.decorator.js';
import { type HeldCall, NamespaceAndHeld } from '../shell/caller.decorator.js';
import { name } from '../shell/names.js';
import { ExecutionViews } from './execution.view.js';
import { executionView, type StartExecution, startExecution, type StartQuery, startQuery } from './executions.dto.js';

@Controller('v1/workflows')
export class StartExecutionController {
  constructor(
    private readonly executions: ExecutionsService,
    private readonly views: ExecutionViews,
  ) {}

  @Post(':name/executions')
  @Operation({
    summary: 'Starts an execution of a workflow; with `wait`, answers once it has ended',
    description:
      'With `wait` the answer is 201 with the result, of a failed execution too, or 202 when the execution runs on after that time. It also runs on when the caller hangs up.',
    status: 201,
    answer: executionView,
    accepted: 'It has not ended; `Location` is where to ask',
  })
  async start(
    @NamespaceAndHeld() { namespace, reply, signal }: HeldCall & { namespace: string },
    @Param('name', { schema: name }) workflow: string,
    @Query({ schema: startQuery }) { wait }: StartQuery,
    @Body({ schema: startExecution }) { name: executionName, input, version, alias }: StartExecution,
  ) {
    const qualifier = version ?? alias;
    const wanted = { input, ...(executionName && { name: executionName }), ...(qualifier && { qualifier }) };
    const started = await this.executions.start(namespace, workflow, wanted);
    if (wait === 0) return this.views.of(started);
    const execution = await this.executions.wait(namespace, started.id, wait * 1_000, signal);
    if (execution.status === 'RUNNING') reply.code(202).header('Location', `/v1/executions/${execution.id}`);
    return this.views.of(execution);
  }
}
