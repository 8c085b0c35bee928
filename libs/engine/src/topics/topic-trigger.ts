import type { Start } from '@app/event-bus';
import { isWorkedOff, type TopicSource, type ValueFormat } from '@app/events';
import type { TopicTrigger } from '../triggers/trigger.js';

const PARALLEL = 10;

/** Whether its messages are done only when what they have started has ended. */
export const worksOff = ({ source }: TopicTrigger): boolean => isWorkedOff(source);

/** AWS Lambda gives the bytes as they were, which a text keeps and JSON does not. */
export const formatOf = ({ value, batch }: TopicSource): ValueFormat =>
  value ?? (batch?.shape === 'lambda' ? 'text' : 'auto');

export const parallelOf = ({ parallel = PARALLEL }: TopicSource): number => parallel;

export const startOf = ({ from }: TopicSource): Start =>
  from === 'latest' || from === 'earliest' ? from : new Date(from);
