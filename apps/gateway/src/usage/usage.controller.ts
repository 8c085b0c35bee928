import { UsageService } from '@app/engine';
import { Controller, Get, Query } from '@nestjs/common';
import { Operation } from '../openapi/operation.decorator.js';
import { Namespace } from '../shell/caller.decorator.js';
import { toTotal, toUsageDay, usageList, type UsageQuery, usageQuery } from './usage.dto.js';

@Controller('v1/usage')
export class UsageController {
  constructor(private readonly usage: UsageService) {}

  @Get()
  @Operation({
    summary: 'What functions have used, by day and function',
    description: 'A run counts on the day, by UTC, on which it ended, within a minute of its end.',
    answer: usageList,
  })
  async list(@Namespace() namespace: string, @Query({ schema: usageQuery }) query: UsageQuery) {
    const { days, upTo } = await this.usage.list(namespace, query);
    const items = days.map(toUsageDay);
    return { items, total: toTotal(items), ...(upTo && { upTo: upTo.toISOString() }) };
  }
}
