import { TaskTokensService } from '@app/engine';
import { Body, Controller, Post } from '@nestjs/common';
import { Operation } from '../openapi/operation.decorator.js';
import { Namespace } from '../shell/caller.decorator.js';
import {
  takenResults,
  type TaskFailure,
  taskFailure,
  type TaskHeartbeat,
  taskHeartbeat,
  type TaskResults,
  taskResults,
  type TaskSuccess,
  taskSuccess,
  toResult,
} from './task-tokens.dto.js';

/** Tokens stand in bodies, as they are secrets: addresses end up in logs. */
@Controller('v1/task-tokens')
export class TaskTokensController {
  constructor(private readonly tokens: TaskTokensService) {}

  @Post('success')
  @Operation({
    summary: 'Ends the task of a token with a result',
    description: 'As `SendTaskSuccess` of AWS. A token answers once: later answers are refused with `task_timed_out`.',
    status: 204,
  })
  async succeed(@Namespace() namespace: string, @Body({ schema: taskSuccess }) success: TaskSuccess): Promise<void> {
    await this.tokens.settle(namespace, toResult(success));
  }

  @Post('failure')
  @Operation({ summary: 'Ends the task of a token with an error, for Retry and Catch', status: 204 })
  async fail(@Namespace() namespace: string, @Body({ schema: taskFailure }) failure: TaskFailure): Promise<void> {
    await this.tokens.settle(namespace, toResult(failure));
  }

  @Post('heartbeat')
  @Operation({ summary: 'Says that the work goes on: puts off the HeartbeatSeconds of the state', status: 204 })
  async heartbeat(@Namespace() namespace: string, @Body({ schema: taskHeartbeat }) { taskToken }: TaskHeartbeat) {
    await this.tokens.heartbeat(namespace, taskToken);
  }

  @Post('results')
  @Operation({
    summary: 'Ends many tasks at once, each with a result or an error',
    description: 'The fast way for workers. Each result is taken or refused on its own; the answer says which.',
    answer: takenResults,
  })
  async settle(@Namespace() namespace: string, @Body({ schema: taskResults }) { results }: TaskResults) {
    const refusals = await this.tokens.settleAll(namespace, results.map(toResult));
    return {
      results: refusals.map((refusal) =>
        refusal ? { taken: false, code: refusal.code, detail: refusal.message } : { taken: true },
      ),
    };
  }
}
