import { randomUUID } from 'node:crypto';
import type { EntityManager, EntityTarget, FindOptionsWhere, ObjectLiteral } from 'typeorm';

export interface Named extends ObjectLiteral {
  id: string;
  namespace: string;
  name: string;
  latestVersion: number;
}

/** The row of this name, made if there was none, and locked: versions of one name are numbered one at a time. */
export async function lockByName<Row extends Named>(
  manager: EntityManager,
  entity: EntityTarget<Row>,
  { namespace, name }: { readonly namespace: string; readonly name: string },
): Promise<Row> {
  const blank = { id: randomUUID(), namespace, name, latestVersion: 0 };
  await manager
    .createQueryBuilder()
    .insert()
    .into(entity)
    .values(blank as never)
    .orIgnore()
    .execute();
  const where = { namespace, name } as FindOptionsWhere<Row>;
  return manager.findOneOrFail(entity, { where, lock: { mode: 'pessimistic_write' } });
}
