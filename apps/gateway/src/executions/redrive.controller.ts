import { RedriveService, RerunService } from '@app/engine';
import { Body, Controller, Param, Post } from '@nestjs/common';
import { Operation } from '../openapi/operation.decorator.js';
import { Namespace } from '../shell/caller.decorator.js';
import { uuid } from '../shell/names.js';
import { ExecutionViews } from './execution.view.js';
import { executionView, type RerunExecution, rerunExecution } from './executions.dto.js';

@Controller('v1/executions')
export class RedriveController {
  constructor(
    private readonly redrives: RedriveService,
    private readonly reruns: RerunService,
    private readonly views: ExecutionViews,
  ) {}

  @Post(':id/redrive')
  @Operation({
    summary: 'Lets an execution that did not succeed go on from where it failed',
    description:
      'The same execution, on the version it began with. Branches and iterations that have succeeded keep their results; retries and the time that it may take begin anew.',
    answer: executionView,
  })
  async redrive(@Namespace() namespace: string, @Param('id', { schema: uuid }) id: string) {
    return this.views.of(await this.redrives.redrive(namespace, id));
  }

  @Post(':id/rerun')
  @Operation({
    summary: 'Starts a new execution that begins at a state of one that has ended',
    description:
      'On the same version. Input and variables are what the state had when the other came to it the last time, unless they are given.',
    status: 201,
    answer: executionView,
  })
  async rerun(
    @Namespace() namespace: string,
    @Param('id', { schema: uuid }) id: string,
    @Body({ schema: rerunExecution }) { from, input, variables, name }: RerunExecution,
  ) {
    const given = { ...(input !== undefined && { input }), ...(variables && { variables }), ...(name && { name }) };
    return this.views.of(await this.reruns.rerun(namespace, id, { from, ...given }));
  }
}
