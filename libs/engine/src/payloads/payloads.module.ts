import { type DynamicModule, Global, Module } from '@nestjs/common';
import { PayloadCollectionService } from './payload-collection.service.js';
import { PayloadOptions } from './payload-options.js';
import { PayloadRepository } from './payload.repository.js';
import { PayloadsService } from './payloads.service.js';
import { TaskResultObjects } from './task-result-objects.js';

/** Large values, for every module of a process. */
@Global()
@Module({})
export class PayloadsModule {
  static forRoot(options: { readonly maxBytes?: number } = {}): DynamicModule {
    const services = [PayloadsService, PayloadCollectionService, TaskResultObjects];
    return {
      module: PayloadsModule,
      providers: [{ provide: PayloadOptions, useValue: new PayloadOptions(options) }, PayloadRepository, ...services],
      exports: [PayloadOptions, ...services],
    };
  }
}
