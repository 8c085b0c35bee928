import type { Reading } from './event-bus.js';

/**
 * A consumer group for each subscription: members of one group that read different topics would disturb each
 * other at every change of either, and kafkajs would give them partitions of topics that they do not read.
 */
export const groupIdOf = ({ topic, group }: Reading): string => `${group}.${topic}`;
