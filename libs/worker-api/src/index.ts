export * from './executors.js';
export * from './frames.js';
export * from './input-keys.js';
export * from './instances.js';
export * from './lane.js';
export * from './results.js';
export * from './schemas.js';
export * from './transfers.js';
