import { closeInherited } from '../../executor/src/executor.module.js';
import { start } from './start.js';
import { readConfig } from './config.js';
import { say, welcome } from './welcome.js';

const started = performance.now();
closeInherited();
try {
  const config = readConfig(process.env);
  const running = await start(config);
  welcome(running, performance.now() - started);
  const stop = async (): Promise<void> => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.removeListener(signal, stop);
    say('Stopping …');
    await running.stop();
    process.exit(0);
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, stop);
} catch (error) {
  say(`Spool cannot start: ${error instanceof Error ? error.message : String(error)}`);
  process.exit(1);
}
