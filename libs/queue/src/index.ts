export * from './queue.module.js';
export * from './task.js';
export * from './task.repository.js';
export * from './task-queue.repository.js';
