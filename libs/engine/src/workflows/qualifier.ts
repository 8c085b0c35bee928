import type { EntityManager } from 'typeorm';
import { WorkflowAliasEntity } from './workflow-alias.entity.js';
import { WorkflowVersionEntity } from './workflow-version.entity.js';

/** The name that means the latest version, whatever that is when it is asked for. */
export const LATEST = '$LATEST';
/** Postgres' integer. */
const MAX_VERSION = 2_147_483_647;

/** A workflow as others name it: alone, or with a version or an alias behind a colon. */
export function parseQualified(text: string): { name: string; qualifier: string | undefined } {
  const [name = '', qualifier] = text.split(':', 2);
  return { name, qualifier };
}

/** The number of a version; undefined for an alias. */
export function toVersion(qualifier: number | string): number | undefined {
  const version = /^\d+$/.test(String(qualifier)) ? Number(qualifier) : undefined;
  return version === undefined || version <= MAX_VERSION ? version : 0;
}

/** Whether a workflow has what stands behind the colon of its name. */
export async function isQualifier(manager: EntityManager, workflowId: string, qualifier = LATEST): Promise<boolean> {
  if (qualifier === LATEST) return true;
  const version = toVersion(qualifier);
  return version === undefined
    ? manager.existsBy(WorkflowAliasEntity, { workflowId, name: qualifier })
    : manager.existsBy(WorkflowVersionEntity, { workflowId, version });
}
