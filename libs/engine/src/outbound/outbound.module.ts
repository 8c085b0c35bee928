import { type DynamicModule, Global, Module } from '@nestjs/common';
import { OutboundOptions } from './outbound.options.js';
import { OutboundService } from './outbound.service.js';
import type { Reach } from './reach.js';

/** Calls to the outside, for every module of a process. */
@Global()
@Module({})
export class OutboundModule {
  static forRoot(options: { readonly reach?: Reach } = {}): DynamicModule {
    return {
      module: OutboundModule,
      providers: [{ provide: OutboundOptions, useValue: new OutboundOptions(options) }, OutboundService],
      exports: [OutboundService],
    };
  }
}
