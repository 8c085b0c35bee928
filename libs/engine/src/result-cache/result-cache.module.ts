import { QueueModule } from '@app/queue';
import { Module } from '@nestjs/common';
import { FunctionsModule } from '../functions/functions.module.js';
import { FlightRepository } from './flight.repository.js';
import { FlightsService } from './flights.service.js';
import { ResultCacheRepository } from './result-cache.repository.js';
import { ResultCacheService } from './result-cache.service.js';

@Module({
  imports: [FunctionsModule, QueueModule],
  providers: [FlightRepository, FlightsService, ResultCacheRepository, ResultCacheService],
  exports: [FlightsService, ResultCacheRepository, ResultCacheService],
})
export class ResultCacheModule {}
