export * from './frames.js';
export * from './instances.js';
export * from './lane.js';
export * from './schemas.js';
