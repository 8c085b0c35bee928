import { InfrastructureModule } from '@app/engine';
import { type DynamicModule, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Logger, LoggerModule } from 'nestjs-pino';
import { readConfig, type TriggerRouterConfig } from './config.js';
import { NotificationsModule } from './sources/notifications.module.js';
import { TriggerRouterModule } from './trigger-router.module.js';

/** The trigger-router as a process of its own. */
@Module({})
class TriggerRouterProcess {
  static of(config: TriggerRouterConfig): DynamicModule {
    return {
      module: TriggerRouterProcess,
      imports: [
        LoggerModule.forRoot({ pinoHttp: { level: config.logLevel } }),
        InfrastructureModule.forRoot(config),
        NotificationsModule.forRoot(config),
        TriggerRouterModule.forRoot(config),
      ],
    };
  }
}

const config = readConfig(process.env);
const app = await NestFactory.createApplicationContext(TriggerRouterProcess.of(config), { bufferLogs: true });
app.useLogger(app.get(Logger));
app.enableShutdownHooks();
