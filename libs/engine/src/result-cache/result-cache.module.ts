import { Module } from '@nestjs/common';
import { FunctionsModule } from '../functions/functions.module.js';
import { ResultCacheRepository } from './result-cache.repository.js';
import { ResultCacheService } from './result-cache.service.js';

@Module({
  imports: [FunctionsModule],
  providers: [ResultCacheRepository, ResultCacheService],
  exports: [ResultCacheRepository, ResultCacheService],
})
export class ResultCacheModule {}
