export * from './event-bus.config.js';
export * from './event-bus.errors.js';
export * from './event-bus.js';
export * from './event-bus.module.js';
export * from './postgres.event-bus.js';
