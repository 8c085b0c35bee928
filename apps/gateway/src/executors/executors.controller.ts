import { DEFAULT_NAMESPACE, ExecutorsService } from '@app/engine';
import { Controller, Get, Param, Post } from '@nestjs/common';
import { Operation } from '../openapi/operation.decorator.js';
import { Namespace } from '../shell/caller.decorator.js';
import { OperatorsOnly } from '../shell/access.errors.js';
import { uuid } from '../shell/names.js';
import { executorDetails, executorList, toExecutor, toHeldTask, toInstances } from './executors.dto.js';

@Controller('v1/executors')
export class ExecutorsController {
  constructor(private readonly executors: ExecutorsService) {}

  @Get()
  @Operation({ summary: 'Lists executors that were heard of within the last hour', answer: executorList })
  async list() {
    return { items: (await this.executors.list()).map(toExecutor) };
  }

  @Get(':id')
  @Operation({ summary: 'What an executor has, what of it is free, and what it does for you', answer: executorDetails })
  async get(@Namespace() namespace: string, @Param('id', { schema: uuid }) id: string) {
    const { executor, tasks } = await this.executors.get(id, namespace);
    return { ...toExecutor(executor), instances: toInstances(executor, namespace), tasks: tasks.map(toHeldTask) };
  }

  @Post(':id/drain')
  @Operation({
    summary: 'Asks an executor to stop',
    description:
      'It takes no more tasks, finishes those that it has within its `SPOOL_DRAIN_SECONDS`, hands back the rest, and exits. Only for keys of the namespace `default`.',
    status: 202,
    answer: executorDetails,
  })
  async drain(@Namespace() namespace: string, @Param('id', { schema: uuid }) id: string) {
    // It works for all namespaces: one of them must not take it from the others.
    if (namespace !== DEFAULT_NAMESPACE) throw new OperatorsOnly();
    await this.executors.drain(id);
    return this.get(namespace, id);
  }
}
