import type { ItemProcessor, MapState } from '../definition.js';
import { runtimeFailure } from '../failure.js';
import { languageOf } from '../language/language-of.js';
import type { Given, QueryLanguage } from '../language/language.js';
import { isObject, typeName } from '../json.js';
import { resultBytes } from '../limits.js';
import type { Failure, Json, JsonObject } from '../model.js';
import { event, failureDetails, type Move, type Scene } from '../scene.js';
import { itemsIn } from './item-parser.js';
import { mapNumber } from './map-numbers.js';
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
    // AWS counts none while they are still to be read.
    history: [event('MapStateStarted', { length: run.items?.length ?? 0 })],
  };
}

export function mapRunSucceeded(scene: Scene, state: MapState, output: Json): Move {
  resultBytes(output, scene.frame.stateName, scene.around.maxDataBytes);
  const left = languageOf(scene, state).complete(scene, state, scene.frame.input, output);
  return { type: 'Leave', left, next: state.Next };
}

export const mapRunFailed = (failure: Failure): Move => ({
  type: 'Fail',
  failure,
  history: [event('MapRunFailed', failureDetails(failure))],
});

function mapRunSpec(scene: Scene, state: MapState): MapRunSpec {
  const language = languageOf(scene, state);
  const evaluate = new Evaluation(scene, language, language.input(scene, state));
  const { ItemReader: reader, ItemBatcher: batcher, ResultWriter: writer } = state;
  const count = evaluate.number(state, 'ToleratedFailureCount');
  const percentage = evaluate.number(state, 'ToleratedFailurePercentage');
  return {
    ...(reader
      ? {
          reader: {
            resource: reader.Resource,
            parameters: evaluate.object(reader.Arguments ?? reader.Parameters ?? {}, 'ItemReader/Arguments'),
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

function itemsOf(evaluate: Evaluation, state: MapState): Pick<MapRunSpec, 'items' | 'keys'> {
  const given = evaluate.items(state);
  const found = itemsIn(given.value);
  if (!found) throw given.wrong('an array or an object', 'array');
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
    ...(batcher.BatchInput !== undefined && {
      batchInput: evaluate.template(batcher.BatchInput, 'ItemBatcher/BatchInput'),
    }),
  };
}

/** What goes into the state's output is compact if nothing is said; what is exported tells all. */
function writerSpec(evaluate: Evaluation, writer: NonNullable<MapState['ResultWriter']>): MapRunSpec['writer'] & {} {
  const { Resource, Parameters, Arguments, WriterConfig: config } = writer;
  const written: WriterConfig = {
    outputType: config?.OutputType ?? 'JSON',
    transformation: config?.Transformation ?? (Resource === undefined ? 'COMPACT' : 'NONE'),
  };
  if (Resource === undefined) return { config: written };
  return {
    resource: Resource,
    parameters: evaluate.object(Arguments ?? Parameters ?? {}, 'ResultWriter/Arguments'),
    config: written,
  };
}

/** The fields of the state, over its effective input. */
class Evaluation {
  constructor(
    private readonly scene: Scene,
    private readonly language: QueryLanguage,
    private readonly input: Json,
  ) {}

  items(state: MapState): Given {
    return this.language.items(this.scene, state, this.input);
  }

  template(template: Json, field: string): Json {
    return this.language.evaluate(this.scene, template, field, this.input);
  }

  object(template: Json, field: string): JsonObject {
    const value = this.template(template, field);
    if (isObject(value)) return value;
    throw runtimeFailure(`The ${field} must be an object, not ${typeName(value)}.`);
  }

  number(fields: object, name: Parameters<typeof mapNumber>[3]): number | undefined {
    return mapNumber(this.language, this.scene, fields, name, this.input);
  }
}
