export type * from './definition.js';
export { AslFailure } from './failure.js';
export { initialFrame } from './frame.js';
export type { Chance } from './intrinsics/chance.js';
export type * from './model.js';
export { selectPath } from './paths/select.js';
export { evaluatePayloadTemplate } from './payload-template.js';
export { transition } from './transition.js';
export {
  type Problem,
  type ProblemCode,
  type Validation,
  validate,
  validatePath,
  validatePayloadTemplate,
  type Warning,
  type WarningCode,
} from './validate/validate.js';
