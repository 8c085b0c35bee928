import { Module } from '@nestjs/common';
import { ExecutionsModule } from '../executions/executions.module.js';
import { QuotaRepository } from './quota.repository.js';
import { QuotasService } from './quotas.service.js';
import { WaitingRepository } from './waiting.repository.js';
import { WaitingService } from './waiting.service.js';

@Module({
  imports: [ExecutionsModule],
  providers: [QuotaRepository, QuotasService, WaitingRepository, WaitingService],
  exports: [QuotasService, WaitingService],
})
export class PlacementModule {}
