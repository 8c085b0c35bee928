/** What the gateway's HTTP API answers, as far as the console reads it. */
export * from './types/events.js';
export * from './types/executions.js';
export * from './types/executors.js';
export * from './types/functions.js';
export * from './types/invocations.js';
export * from './types/usage.js';
export * from './types/values.js';
export * from './types/workflows.js';
