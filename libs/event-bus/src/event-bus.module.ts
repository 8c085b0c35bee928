import { Database, Wakeups } from '@app/common';
import { type DynamicModule, Global, Module } from '@nestjs/common';
import { type EventBusConfig, eventBusConfig } from './event-bus.config.js';
import { EventBus } from './event-bus.js';
import { PostgresEventBus } from './postgres.event-bus.js';

/** Gives every module of the process its EventBus. The Postgres one needs the DatabaseModule beside it. */
@Global()
@Module({})
export class EventBusModule {
  static forRoot(config: EventBusConfig): DynamicModule {
    return { module: EventBusModule, providers: [providerOf(config)], exports: [EventBus] };
  }
}

function providerOf(given: EventBusConfig) {
  const config = eventBusConfig.parse(given);
  switch (config.kind) {
    case 'postgres':
      return {
        provide: EventBus,
        inject: [Database, Wakeups],
        useFactory: (database: Database, wakeups: Wakeups) => new PostgresEventBus(database, wakeups, config),
      };
    case 'kafka':
      return {
        provide: EventBus,
        // Loaded only here: who uses Postgres does not pay for kafkajs at start-up.
        useFactory: async () => new (await import('./kafka.event-bus.js')).KafkaEventBus(config),
      };
  }
}
