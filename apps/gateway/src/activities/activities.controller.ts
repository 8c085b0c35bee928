import { ActivitiesService, ActivityTasksService } from '@app/engine';
import { Body, Controller, Delete, Get, Param, Post } from '@nestjs/common';
import { Operation } from '../openapi/operation.decorator.js';
import { type HeldCall, Namespace, NamespaceAndHeld } from '../shell/caller.decorator.js';
import {
  activityList,
  activityName,
  activityTasks,
  activityView,
  type NewActivity,
  newActivity,
  type PollActivity,
  pollActivity,
  toActivityTask,
  toActivityView,
} from './activities.dto.js';

@Controller('v1/activities')
export class ActivitiesController {
  constructor(
    private readonly activities: ActivitiesService,
    private readonly tasks: ActivityTasksService,
  ) {}

  @Post()
  @Operation({
    summary: 'Makes an activity: work for which workers outside of Spool poll',
    description: 'As AWS does, it may be made as often as one likes.',
    answer: activityView,
    status: 201,
  })
  async create(@Namespace() namespace: string, @Body({ schema: newActivity }) { name }: NewActivity) {
    return toActivityView(await this.activities.create(namespace, name));
  }

  @Get()
  @Operation({ summary: 'Lists the activities, with how much waits and is being done', answer: activityList })
  async list(@Namespace() namespace: string) {
    return { items: (await this.activities.list(namespace)).map(toActivityView) };
  }

  @Get(':name')
  @Operation({ summary: 'Shows an activity', answer: activityView })
  async get(@Namespace() namespace: string, @Param('name', { schema: activityName }) name: string) {
    return toActivityView(await this.activities.get(namespace, name));
  }

  @Delete(':name')
  @Operation({
    summary: 'Deletes an activity',
    description: 'Tasks that workers have already may still be answered.',
    status: 204,
  })
  async delete(@Namespace() namespace: string, @Param('name', { schema: activityName }) name: string): Promise<void> {
    await this.activities.delete(namespace, name);
  }

  @Post(':name/tasks')
  @Operation({
    summary: 'Takes tasks of an activity, waiting for the first',
    description:
      'For workers, as `GetActivityTask` of AWS. Each task comes with a token; answer for it at `/v1/task-tokens`. A task is given to one worker only: what it does not answer is ended by the heartbeat or timeout of the state.',
    answer: activityTasks,
  })
  async poll(
    @NamespaceAndHeld() { namespace, signal }: HeldCall & { namespace: string },
    @Param('name', { schema: activityName }) name: string,
    @Body({ schema: pollActivity }) { workerName, maxTasks, waitSeconds }: PollActivity,
  ) {
    const poll = { workerName, limit: maxTasks, waitMs: waitSeconds * 1_000 };
    return { tasks: (await this.tasks.poll(namespace, name, poll, signal)).map(toActivityTask) };
  }
}
