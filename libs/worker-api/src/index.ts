export * from './frames.js';
export * from './input-keys.js';
export * from './instances.js';
export * from './lane.js';
export * from './schemas.js';
