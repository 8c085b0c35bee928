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

async function start(config: TriggerRouterConfig): Promise<void> {
  const root = TriggerRouterProcess.of(config);
  const app = await NestFactory.createApplicationContext(root, { bufferLogs: true, abortOnError: false });
  app.useLogger(app.get(Logger));
  app.enableShutdownHooks();
  app.get(Logger).log('Routing', 'TriggerRouter');
}

try {
  await start(readConfig(process.env));
} catch (error) {
  process.stderr.write(`The trigger-router cannot start: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}
