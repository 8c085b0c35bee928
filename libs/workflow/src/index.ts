export type * from './definition.js';
export { AslFailure } from './failure.js';
export { initialFrame } from './frame.js';
export { javaOrder } from './java-order.js';
export type { Chance } from './intrinsics/chance.js';
export { type Batch, Batching, batchItems } from './map-run/batch-items.js';
export { type ItemParser, itemParser, type ParsedItem, parseItems } from './map-run/item-parser.js';
export { mapRunInputs } from './map-run/map-run-inputs.js';
export type * from './map-run/map-run.js';
export { type Manifest, parseManifest } from './map-run/manifest.js';
export { type MapRunChild, mapRunResults, resultText } from './map-run/results.js';
export { type MapRunCounts, THRESHOLD_EXCEEDED, tolerated } from './map-run/tolerated.js';
export type * from './model.js';
export { selectPath } from './paths/select.js';
export { evaluateTemplate, type TemplateSetting } from './outside-template.js';
export { MAX_DATA_BYTES, measure, resultTooLarge } from './limits.js';
export { evaluatePayloadTemplate } from './payload-template.js';
export { machineAt } from './scene.js';
export { MockMissing, type TestStateOptions, type TestStateResult, testState } from './test-state.js';
export { transition } from './transition.js';
export { childEnded, runningLine } from './states/ended-with.js';
export { EventLine } from './event-line.js';
export {
  type Problem,
  type ProblemCode,
  type Validation,
  validate,
  validatePath,
  validatePayloadTemplate,
  validateTemplate,
  type Warning,
  type WarningCode,
} from './validate/validate.js';
