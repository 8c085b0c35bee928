import { type InfrastructureConfig, InfrastructureModule } from '@app/engine';
import { ObjectNotifications } from '@app/object-store';
import { type DynamicModule, Global, Module } from '@nestjs/common';
import { GatewayModule } from '../../gateway/src/gateway.module.js';
import type { GatewaySettings } from '../../gateway/src/settings.js';
import { TriggerRouterModule } from '../../trigger-router/src/trigger-router.module.js';

@Global()
@Module({})
class NotificationsModule {
  static of(notifications: ObjectNotifications): DynamicModule {
    const provider = { provide: ObjectNotifications, useValue: notifications };
    return { module: NotificationsModule, providers: [provider], exports: [ObjectNotifications] };
  }
}

export interface StandaloneParts {
  readonly infrastructure: InfrastructureConfig;
  readonly gateway: GatewaySettings;
  readonly notifications: ObjectNotifications;
}

/** The gateway and the trigger-router on one set of connections. The executor talks to them as it would from afar. */
@Module({})
export class StandaloneModule {
  static of({ infrastructure, gateway, notifications }: StandaloneParts): DynamicModule {
    return {
      module: StandaloneModule,
      imports: [
        InfrastructureModule.forRoot(infrastructure),
        NotificationsModule.of(notifications),
        GatewayModule.forRoot(gateway),
        TriggerRouterModule.forRoot(infrastructure),
      ],
    };
  }
}
