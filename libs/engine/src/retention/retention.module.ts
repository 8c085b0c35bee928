import { Module } from '@nestjs/common';
import { ResultCacheModule } from '../result-cache/result-cache.module.js';
import { RetentionRepository } from './retention.repository.js';
import { RetentionService } from './retention.service.js';

@Module({
  imports: [ResultCacheModule],
  providers: [RetentionRepository, RetentionService],
  exports: [RetentionService],
})
export class RetentionModule {}
