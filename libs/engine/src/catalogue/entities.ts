import type { EntityTarget } from 'typeorm';
import { ApiKeyEntity } from '../api-keys/api-key.entity.js';
import { FunctionVersionEntity } from '../functions/function-version.entity.js';
import { FunctionEntity } from '../functions/function.entity.js';
import { SubscriptionEntity } from '../lifecycle/subscription.entity.js';
import { NamespaceEntity } from '../namespaces/namespace.entity.js';
import { TriggerEntity } from '../triggers/trigger.entity.js';
import { WorkflowAliasEntity } from '../workflows/workflow-alias.entity.js';
import { WorkflowVersionEntity } from '../workflows/workflow-version.entity.js';
import { WorkflowEntity } from '../workflows/workflow.entity.js';

/** All of TypeORM's entities: the catalogue. */
export const entities: readonly EntityTarget<object>[] = [
  NamespaceEntity,
  ApiKeyEntity,
  FunctionEntity,
  FunctionVersionEntity,
  WorkflowEntity,
  WorkflowVersionEntity,
  WorkflowAliasEntity,
  TriggerEntity,
  SubscriptionEntity,
];
