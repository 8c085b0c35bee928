import { ApiKeysService, BuiltinFunctions, BuiltinWorkflows, InfrastructureModule } from '@app/engine';
import { type DynamicModule, Module } from '@nestjs/common';
import { Logger } from 'nestjs-pino';
import { createGateway } from './application.js';
import { type GatewayConfig, readConfig } from './config.js';
import { GatewayModule } from './gateway.module.js';

/** The gateway as a process of its own. */
@Module({})
class GatewayProcess {
  static of(config: GatewayConfig): DynamicModule {
    return { module: GatewayProcess, imports: [InfrastructureModule.forRoot(config), GatewayModule.forRoot(config)] };
  }
}

async function start(config: GatewayConfig): Promise<void> {
  const app = await createGateway(GatewayProcess.of(config), config);
  app.useLogger(app.get(Logger));
  // Ending by the signal itself, as is the default, does not work for the first process of a container.
  app.enableShutdownHooks(['SIGINT', 'SIGTERM'], { useProcessExit: true });
  await app.init();
  await app.get(BuiltinFunctions, { strict: false }).deployAll(config.functionsDir);
  await app.get(BuiltinWorkflows, { strict: false }).deployAll(config.workflowsDir);
  const firstKey = await app.get(ApiKeysService, { strict: false }).ensureFirst();
  await app.listen(config.port, config.host);
  app.get(Logger).log(`Listening on ${await app.getUrl()}`, 'Gateway');
  // Not through the log: it is shown once, and logs are kept.
  if (firstKey) process.stdout.write(`The first API key, shown only now: ${firstKey}\n`);
}

try {
  await start(readConfig(process.env));
} catch (error) {
  process.stderr.write(`The gateway cannot start: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}
