import { DatabaseModule } from '@app/common';
import { EventBusModule } from '@app/event-bus';
import { ObjectStoreModule } from '@app/object-store';
import { type DynamicModule, Module } from '@nestjs/common';
import { migrations } from '../../../../migrations/index.js';
import { entities } from '../catalogue/entities.js';
import { OutboundModule } from '../outbound/outbound.module.js';
import { PayloadsModule } from '../payloads/payloads.module.js';
import type { InfrastructureConfig } from './infrastructure.config.js';

/** The database, the object store and the event bus, for every module of a process. */
@Module({})
export class InfrastructureModule {
  static forRoot({
    database,
    s3,
    eventBus,
    payloads,
    outbound,
  }: Pick<InfrastructureConfig, 'database' | 's3' | 'eventBus'> & Partial<InfrastructureConfig>): DynamicModule {
    return {
      module: InfrastructureModule,
      imports: [
        DatabaseModule.forRoot({ ...database, entities, migrations }),
        ObjectStoreModule.forRoot(s3),
        EventBusModule.forRoot(eventBus),
        PayloadsModule.forRoot(payloads),
        OutboundModule.forRoot(outbound),
      ],
    };
  }
}
