import { ExecutorsService, WorkersService } from '@app/engine';
import {
  type ExecutorUpdate,
  executorUpdate,
  poll,
  type Poll,
  pollAnswer,
  registered,
  type RegisterExecutor,
  registerExecutor,
} from '@app/worker-api';
import { Body, Controller, Delete, Param, Post, Put } from '@nestjs/common';
import { Operation } from '../openapi/operation.decorator.js';
import { Held, type HeldCall } from '../shell/caller.decorator.js';
import { uuid } from '../shell/names.js';

/** The executors' door. `libs/worker-api` is its contract. */
@Controller('worker/v1/executors')
export class WorkerController {
  constructor(
    private readonly executors: ExecutorsService,
    private readonly workers: WorkersService,
  ) {}

  @Post()
  @Operation({ summary: 'An executor says who it is and what it has', status: 201, answer: registered })
  register(@Body({ schema: registerExecutor }) executor: RegisterExecutor) {
    return this.executors.register(executor);
  }

  @Put(':id')
  @Operation({ summary: 'What an executor has found out since of what it has and can do', status: 204 })
  async update(
    @Param('id', { schema: uuid }) id: string,
    @Body({ schema: executorUpdate }) update: ExecutorUpdate,
  ): Promise<void> {
    await this.executors.update(id, update);
  }

  @Delete(':id')
  @Operation({ summary: 'An executor says that it goes', status: 204 })
  async leave(@Param('id', { schema: uuid }) id: string): Promise<void> {
    await this.executors.leave(id);
  }

  @Post(':id/poll')
  @Operation({ summary: 'Results and free resources up; tasks to run and to kill down', answer: pollAnswer })
  poll(
    @Param('id', { schema: uuid }) id: string,
    @Body({ schema: poll }) exchange: Poll,
    @Held() { signal }: HeldCall,
  ) {
    return this.workers.poll(id, exchange, signal);
  }
}
