import { type EntityManager, type FindOneOptions, In } from 'typeorm';
import { SYSTEM_NAMESPACE } from '../namespaces/namespaces.js';
import { WorkflowEntity } from './workflow.entity.js';

type Lock = NonNullable<FindOneOptions<WorkflowEntity>['lock']>;

/** What a name means in a namespace: its own workflow first, then a built-in one. */
export async function findVisible(
  manager: EntityManager,
  { namespace, name }: { namespace: string; name: string },
  lock?: Lock,
): Promise<WorkflowEntity | null> {
  const where = { namespace: In([namespace, SYSTEM_NAMESPACE]), name };
  const found = await manager.find(WorkflowEntity, { where, ...(lock && { lock }) });
  return found.find((candidate) => candidate.namespace === namespace) ?? found[0] ?? null;
}
