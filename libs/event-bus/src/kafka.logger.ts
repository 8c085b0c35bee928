import { Logger } from '@nestjs/common';
import { type logCreator, logLevel } from 'kafkajs';

/** Said of every idempotent producer that gives up at some time, as ours shall. */
const KNOWN = 'Limiting retries for the idempotent producer';

/** What kafkajs reports, in our logs. Its errors are warnings here: it goes on by itself, or we are told. */
export const nestLogCreator: logCreator = () => {
  const logger = new Logger('Kafka');
  return ({ level, log }) => {
    const { message, error, groupId } = log;
    const line = [message, error, groupId && `(${groupId})`].filter(Boolean).join(' ');
    if (message.startsWith(KNOWN)) return;
    if (level === logLevel.ERROR || level === logLevel.WARN) logger.warn(line);
    else logger.debug(line);
  };
};
