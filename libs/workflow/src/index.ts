export type * from './definition.js';
export { AslFailure } from './failure.js';
export { initialFrame } from './frame.js';
export type * from './model.js';
