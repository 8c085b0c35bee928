import { ExecutorsService } from '@app/engine';
import { resources } from '@app/worker-api';
import { Controller, Get } from '@nestjs/common';
import { z } from 'zod';
import { Operation } from '../openapi/operation.decorator.js';
import { listOf } from '../shell/pages.js';

const executorList = listOf(
  z
    .object({
      id: z.string(),
      name: z.string(),
      labels: z.array(z.string()),
      capacity: resources,
      version: z.string(),
      running: z.int().meta({ description: 'Tasks it holds' }),
      registeredAt: z.iso.datetime(),
      seenAt: z.iso.datetime(),
    })
    .meta({ id: 'Executor' }),
);

@Controller('v1/executors')
export class ExecutorsController {
  constructor(private readonly executors: ExecutorsService) {}

  @Get()
  @Operation({ summary: 'Lists executors that were heard of within the last hour', answer: executorList })
  async list() {
    const found = await this.executors.list();
    return {
      items: found.map(({ registeredAt, seenAt, ...executor }) => ({
        ...executor,
        registeredAt: registeredAt.toISOString(),
        seenAt: seenAt.toISOString(),
      })),
    };
  }
}
