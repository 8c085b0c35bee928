import { Controller, Get } from '@nestjs/common';
import { z } from 'zod';
import { Operation } from '../openapi/operation.decorator.js';
import { ReadinessService } from './readiness.service.js';

const alive = z.object({ status: z.literal('ok') }).meta({ id: 'Health' });
const ready = alive.extend({ checks: z.record(z.string(), z.string()) }).meta({ id: 'Readiness' });

@Controller('health')
export class HealthController {
  constructor(private readonly readiness: ReadinessService) {}

  @Get('live')
  @Operation({ summary: 'Says that the process answers', answer: alive })
  live(): z.infer<typeof alive> {
    return { status: 'ok' };
  }

  @Get('ready')
  @Operation({ summary: 'Says whether the database and the object store answer; 503 if not', answer: ready })
  async ready(): Promise<z.infer<typeof ready>> {
    return { status: 'ok', checks: await this.readiness.check() };
  }
}
