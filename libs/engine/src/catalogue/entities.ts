import type { EntityTarget } from 'typeorm';

/** All of TypeORM's entities: the catalogue. */
export const entities: readonly EntityTarget<object>[] = [];
