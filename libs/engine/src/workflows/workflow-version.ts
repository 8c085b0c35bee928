import type { StateMachine } from '@app/workflow';
import type { WorkflowVersionEntity } from './workflow-version.entity.js';

/** One immutable version of a workflow, as the rest of the engine sees it. */
export interface WorkflowVersion {
  readonly id: string;
  readonly namespace: string;
  readonly workflowName: string;
  readonly version: number;
  readonly definition: StateMachine;
  readonly createdAt: Date;
}

/** The version that a name meant, and the alias that led to it. */
export interface Resolved extends WorkflowVersion {
  readonly alias?: string;
}

export interface Warning {
  readonly pointer: string;
  readonly code: string;
  readonly message: string;
}

export interface DeployedWorkflow extends WorkflowVersion {
  /** False if exactly this was deployed before: then it is the version of that time. */
  readonly isNew: boolean;
  /** What will not stop it from running, but probably is not meant. */
  readonly warnings: readonly Warning[];
}

export function toWorkflowVersion(row: WorkflowVersionEntity): WorkflowVersion {
  const { id, version, definition, createdAt } = row;
  const { namespace, name: workflowName } = row.workflow;
  return { id, namespace, workflowName, version, definition, createdAt };
}
