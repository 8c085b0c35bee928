import { InvalidRequest } from '@app/common';
import { SchedulesService, TriggersService } from '@app/engine';
import { Body, Controller, Get, Param, Post, Query } from '@nestjs/common';
import { Operation } from '../openapi/operation.decorator.js';
import { Namespace } from '../shell/caller.decorator.js';
import { name } from '../shell/names.js';
import { type SchedulePreview, schedulePreview, tickList, type TicksQuery, ticksQuery } from './schedules.dto.js';

@Controller('v1')
export class SchedulesController {
  constructor(
    private readonly triggers: TriggersService,
    private readonly schedules: SchedulesService,
  ) {}

  @Get('triggers/:name/ticks')
  @Operation({ summary: 'Lists the next times at which a schedule fires', answer: tickList })
  async ticks(
    @Namespace() namespace: string,
    @Param('name', { schema: name }) trigger: string,
    @Query({ schema: ticksQuery }) { count, after }: TicksQuery,
  ) {
    const found = await this.triggers.get(namespace, trigger);
    if (found.kind !== 'schedule')
      throw new InvalidRequest([{ pointer: '/path/name', message: 'must be of a schedule' }]);
    return toTicks(this.schedules.preview(found.source, timeOf(after), count, found.createdAt));
  }

  @Post('schedules/preview')
  @Operation({ summary: 'Lists the times at which a schedule would fire; nothing is made', answer: tickList })
  preview(@Body({ schema: schedulePreview }) { source, count, after }: SchedulePreview) {
    return toTicks(this.schedules.preview(source, timeOf(after), count));
  }
}

const timeOf = (after: string | undefined): Date => (after === undefined ? new Date() : new Date(after));
const toTicks = (ticks: readonly Date[]) => ({ items: ticks.map((tick) => tick.toISOString()) });
