export * from './activity-task.repository.js';
export * from './parked-task.repository.js';
export * from './queue.module.js';
export * from './task.js';
export * from './task.repository.js';
export * from './task-queue.repository.js';
export * from './token-task.repository.js';
