import { QuotasService } from '@app/engine';
import { Body, Controller, Get, Put } from '@nestjs/common';
import { Operation } from '../openapi/operation.decorator.js';
import { Namespace } from '../shell/caller.decorator.js';
import { type NewQuota, newQuota, quotaView, toQuota } from './quotas.dto.js';

@Controller('v1/quotas')
export class QuotasController {
  constructor(private readonly quotas: QuotasService) {}

  @Get()
  @Operation({ summary: 'How much the functions of the namespace may run and have waiting, and do', answer: quotaView })
  async get(@Namespace() namespace: string) {
    return toQuota(await this.quotas.get(namespace));
  }

  @Put()
  @Operation({ summary: 'Sets the quota of the namespace; what is left out is not limited', answer: quotaView })
  async set(@Namespace() namespace: string, @Body({ schema: newQuota }) quota: NewQuota) {
    return toQuota(await this.quotas.set(namespace, quota));
  }
}
