import { newAlias, type WorkflowAlias } from '@app/engine';
import { z } from 'zod';
import { listOf } from '../shell/pages.js';

export const aliasView = z
  .object({
    name: z.string(),
    workflow: z.string(),
    description: z.string().optional(),
    routes: newAlias.shape.routes,
    createdAt: z.iso.datetime(),
    updatedAt: z.iso.datetime(),
  })
  .meta({ id: 'Alias' });
export const aliasList = listOf(aliasView);

export const toAliasView = ({ name, workflow, description, routes, createdAt, updatedAt }: WorkflowAlias) => ({
  name,
  workflow,
  ...(description !== undefined && { description }),
  routes,
  createdAt: createdAt.toISOString(),
  updatedAt: updatedAt.toISOString(),
});
