import { Module } from '@nestjs/common';
import { FunctionsModule } from '../functions/functions.module.js';
import { TemporaryObjectRepository } from './temporary-object.repository.js';
import { TemporaryObjectsService } from './temporary-objects.service.js';

@Module({
  imports: [FunctionsModule],
  providers: [TemporaryObjectRepository, TemporaryObjectsService],
  exports: [TemporaryObjectsService],
})
export class TemporaryObjectsModule {}
