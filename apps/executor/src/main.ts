import { Logger } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { readConfig } from './config.js';
import { closeInherited, drainRequested, ExecutorModule, hurry } from './executor.module.js';

async function main(): Promise<void> {
  closeInherited();
  const config = readConfig(process.env);
  const app = await NestFactory.createApplicationContext(ExecutorModule.forRoot(config));
  const logger = new Logger('Executor');
  let isStopping = false;
  await new Promise<void>((stop) => {
    const asked = (who: string): void => {
      if (isStopping) {
        logger.log(`${who} again: tasks in hand are handed back at once`);
        return hurry(app);
      }
      logger.log(`${who} asks this executor to stop`);
      isStopping = true;
      stop();
    };
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, asked);
    void drainRequested(app).then(() => !isStopping && asked('The gateway'));
  });
  await app.close();
  process.exit(0);
}

main().catch((error: unknown) => {
  new Logger('Executor').fatal(error instanceof Error ? error.message : String(error));
  process.exit(1);
});
