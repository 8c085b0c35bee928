import { Logger } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { readConfig } from './config.js';
import { drainRequested, ExecutorModule } from './executor.module.js';

async function main(): Promise<void> {
  const config = readConfig(process.env);
  const app = await NestFactory.createApplicationContext(ExecutorModule.forRoot(config));
  app.enableShutdownHooks(['SIGTERM', 'SIGINT']);
  await drainRequested(app);
  new Logger('Executor').log('The gateway asks this executor to stop');
  await app.close();
}

main().catch((error: unknown) => {
  new Logger('Executor').fatal(error instanceof Error ? error.message : String(error));
  process.exit(1);
});
