import type { WorkflowVersion } from '@app/engine';
import { z } from 'zod';
import { listOf } from '../shell/pages.js';

const definition = z.record(z.string(), z.json()).meta({ description: 'A state machine in Amazon States Language' });

export const versionNumber = z.coerce.number().int().min(1).max(2_147_483_647);

export const finding = z
  .object({ pointer: z.string(), code: z.string(), message: z.string() })
  .meta({ id: 'Finding', description: 'Something about a definition, and where' });

export const workflowView = z
  .object({
    name: z.string(),
    namespace: z.string().meta({ description: '`spool` for a built-in workflow' }),
    version: z.int(),
    definition,
    createdAt: z.iso.datetime().meta({ description: 'When this version was first deployed' }),
  })
  .meta({ id: 'Workflow' });
export const workflowList = listOf(workflowView);
export const deployedWorkflow = workflowView.extend({ warnings: z.array(finding) }).meta({ id: 'DeployedWorkflow' });
export const changedWorkflow = z.strictObject({ definition }).meta({ id: 'ChangedWorkflow' });
export type ChangedWorkflow = z.output<typeof changedWorkflow>;
export const validation = z
  .object({ valid: z.boolean(), problems: z.array(finding), warnings: z.array(finding) })
  .meta({ id: 'Validation' });

export const validateBody = z.strictObject({ definition: z.json() }).meta({ id: 'ValidateWorkflow' });
export type ValidateBody = z.output<typeof validateBody>;

export const toWorkflowView = ({
  workflowName,
  namespace,
  version,
  definition: machine,
  createdAt,
}: WorkflowVersion) => ({
  name: workflowName,
  namespace,
  version,
  definition: machine,
  createdAt: createdAt.toISOString(),
});
