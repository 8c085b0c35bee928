export * from './catalogue/entities.js';

// The catalogue.
export * from './api-keys/api-keys.errors.js';
export * from './api-keys/api-keys.module.js';
export * from './api-keys/api-keys.service.js';
export * from './catalogue/names.js';
export * from './functions/builtins.js';
export * from './functions/code-store.js';
export * from './functions/function-config.js';
export * from './functions/function-version.js';
export * from './functions/functions.errors.js';
export * from './functions/functions.module.js';
export * from './functions/functions.service.js';
export * from './namespaces/namespaces.js';
export * from './triggers/new-trigger.js';
export * from './triggers/trigger.js';
export * from './triggers/triggers.errors.js';
export * from './triggers/triggers.module.js';
export * from './triggers/triggers.service.js';
export * from './workflows/alias.js';
export * from './workflows/workflow-aliases.service.js';
export * from './workflows/workflow-version.js';
export * from './workflows/workflows.errors.js';
export * from './workflows/workflows.module.js';
export * from './workflows/workflows.service.js';

// What runs.
export * from './events/dead-letter.repository.js';
export * from './events/event.repository.js';
export * from './events/events.module.js';
export * from './events/events.errors.js';
export * from './events/events.service.js';
export * from './events/explanations.service.js';
export type { ExecutionFilter } from './executions/execution-filter.js';
export * from './executions/execution.js';
export * from './executions/executions.errors.js';
export * from './executions/executions.module.js';
export * from './executions/executions.service.js';
export * from './executions/timers.service.js';
export type { StoredHistoryEvent } from './executions/history.repository.js';
export type { ExecutorRecord } from './executors/executor.repository.js';
export * from './executors/executors.module.js';
export * from './executors/executors.service.js';
export * from './executors/leases.service.js';
export * from './executors/workers.options.js';
export * from './executors/workers.service.js';
export * from './invocations/invocations.errors.js';
export * from './invocations/invocations.module.js';
export * from './invocations/invocations.service.js';
export * from './schedules/schedules.module.js';
export * from './schedules/schedules.service.js';
export * from './tasks/lost-tasks.service.js';
export type { LogLine } from './tasks/task-log.repository.js';
export * from './tasks/task-intake.service.js';
export * from './tasks/task-outputs.service.js';
export * from './tasks/task-results.service.js';
export * from './tasks/task-uploads.service.js';
export * from './tasks/tasks.errors.js';
export * from './tasks/tasks.module.js';
export * from './topics/publish-tasks.service.js';
export * from './topics/topics.module.js';
export * from './topics/topics.service.js';

// Where truth, bytes and events are.
export * from './infrastructure/infrastructure.config.js';
export * from './infrastructure/infrastructure.module.js';
