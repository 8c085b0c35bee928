import { effectiveInput, outputOf } from '../data-flow.js';
import type { ItemProcessor, MapState } from '../definition.js';
import { runtimeFailure } from '../failure.js';
import { isObject, typeName } from '../json.js';
import type { Failure, Json, JsonObject } from '../model.js';
import { selectRequired } from '../paths/select.js';
import { fill } from '../payload-template.js';
import { event, failureDetails, type Move, type Scene, sources } from '../scene.js';
import { itemsIn } from './item-parser.js';
import type { BatcherSpec, MapRunSpec, ReaderConfig, WriterConfig } from './map-run.js';

export const processorOf = (state: MapState): ItemProcessor | undefined => state.ItemProcessor ?? state.Iterator;

export const isDistributed = (state: MapState): boolean => processorOf(state)?.ProcessorConfig?.Mode === 'DISTRIBUTED';

/** Each item will be an execution of its own, so all that is asked for is evaluated now and handed over. */
export function enterMapRun(scene: Scene, state: MapState): Move {
  const { frame } = scene;
  const run = mapRunSpec(scene, state);
  const step = frame.step + 1;
  return {
    type: 'Wait',
    waiting: 'mapRun',
    commands: [{ type: 'StartMapRun', step, stateName: frame.stateName, run }],
    history: [event('MapStateStarted', run.items ? { length: run.items.length } : {})],
  };
}

export function mapRunSucceeded(scene: Scene, state: MapState, output: Json): Move {
  const history = [event('MapRunSucceeded', {}), event('MapStateSucceeded', {})];
  return { type: 'Leave', output: outputOf(scene, state, output), next: state.Next, history };
}

export const mapRunFailed = (failure: Failure): Move => ({
  type: 'Fail',
  failure,
  history: [event('MapRunFailed', failureDetails(failure)), event('MapStateFailed', failureDetails(failure))],
});

function mapRunSpec(scene: Scene, state: MapState): MapRunSpec {
  const evaluate = new Evaluation(scene, effectiveInput(scene, state));
  const { ItemReader: reader, ItemBatcher: batcher, ResultWriter: writer } = state;
  const count = evaluate.number(state, 'ToleratedFailureCount');
  const percentage = evaluate.number(state, 'ToleratedFailurePercentage', 100);
  return {
    ...(reader
      ? {
          reader: {
            resource: reader.Resource,
            parameters: evaluate.object(reader.Parameters ?? {}, 'ItemReader'),
            config: readerConfig(evaluate, reader.ReaderConfig ?? {}),
          },
        }
      : itemsOf(evaluate, state)),
    ...(batcher && { batcher: batcherSpec(evaluate, batcher) }),
    maxConcurrency: evaluate.number(state, 'MaxConcurrency') ?? 0,
    ...(count !== undefined && { toleratedFailureCount: count }),
    ...(percentage !== undefined && { toleratedFailurePercentage: percentage }),
    ...(writer && { writer: writerSpec(evaluate, writer) }),
    executionType: processorOf(state)?.ProcessorConfig?.ExecutionType ?? 'STANDARD',
    ...(state.Label !== undefined && { label: state.Label }),
  };
}

function itemsOf(evaluate: Evaluation, { ItemsPath = '$' }: MapState): Pick<MapRunSpec, 'items' | 'keys'> {
  const found = itemsIn(evaluate.path(ItemsPath, 'ItemsPath'));
  if (!found) throw runtimeFailure(`Reference path '${ItemsPath}' must point to an array or an object.`);
  const items = found.map(({ value }) => value);
  const keys = found.flatMap(({ key }) => (key === undefined ? [] : [key]));
  return keys.length > 0 ? { items, keys } : { items };
}

function readerConfig(
  evaluate: Evaluation,
  config: NonNullable<MapState['ItemReader']>['ReaderConfig'] & {},
): ReaderConfig {
  const maxItems = evaluate.number(config, 'MaxItems');
  return {
    ...(config.InputType && { inputType: config.InputType }),
    ...(config.CSVHeaderLocation && { csvHeaderLocation: config.CSVHeaderLocation }),
    ...(config.CSVHeaders && { csvHeaders: config.CSVHeaders }),
    ...(config.CSVDelimiter && { csvDelimiter: config.CSVDelimiter }),
    // AWS takes 0 for no limit.
    ...(maxItems && { maxItems }),
    ...(config.ItemsPointer !== undefined && { itemsPointer: config.ItemsPointer }),
    ...(config.ManifestType && { manifestType: config.ManifestType }),
    ...(config.Transformation && { transformation: config.Transformation }),
  };
}

function batcherSpec(evaluate: Evaluation, batcher: NonNullable<MapState['ItemBatcher']>): BatcherSpec {
  const items = evaluate.number(batcher, 'MaxItemsPerBatch');
  const bytes = evaluate.number(batcher, 'MaxInputBytesPerBatch');
  return {
    ...(items && { maxItemsPerBatch: items }),
    ...(bytes && { maxInputBytesPerBatch: bytes }),
    ...(batcher.BatchInput !== undefined && { batchInput: evaluate.template(batcher.BatchInput) }),
  };
}

/** What goes into the state's output is compact if nothing is said; what is exported tells all. */
function writerSpec(evaluate: Evaluation, writer: NonNullable<MapState['ResultWriter']>): MapRunSpec['writer'] & {} {
  const { Resource, Parameters, WriterConfig: config } = writer;
  const written: WriterConfig = {
    outputType: config?.OutputType ?? 'JSON',
    transformation: config?.Transformation ?? (Resource === undefined ? 'COMPACT' : 'NONE'),
  };
  if (Resource === undefined) return { config: written };
  return { resource: Resource, parameters: evaluate.object(Parameters ?? {}, 'ResultWriter'), config: written };
}

/** The fields of the state, over its effective input. */
class Evaluation {
  constructor(
    private readonly scene: Scene,
    private readonly input: Json,
  ) {}

  path(path: string, field: string): Json {
    return selectRequired(path, sources(this.scene, this.input), field);
  }

  template(template: Json): Json {
    return fill(template, sources(this.scene, this.input), this.scene.around);
  }

  object(template: Json, field: string): JsonObject {
    const value = this.template(template);
    if (isObject(value)) return value;
    throw runtimeFailure(`The parameters of the ${field} must be an object, not ${typeName(value)}.`);
  }

  /** `X`, or what `XPath` refers to. */
  number(fields: object, name: string, most = Infinity): number | undefined {
    const given = fields as { readonly [key: string]: Json | undefined };
    const path = given[`${name}Path`];
    const value = typeof path === 'string' ? this.path(path, `${name}Path`) : given[name];
    if (value === undefined) return undefined;
    if (typeof value === 'number' && value >= 0 && value <= most && (most === 100 || Number.isInteger(value)))
      return value;
    const wanted = most === 100 ? 'a number from 0 to 100' : 'a non-negative integer';
    throw runtimeFailure(`The value of ${name} must be ${wanted}, not ${JSON.stringify(value).slice(0, 100)}.`);
  }
}
