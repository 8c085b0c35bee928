import {
  AslFailure,
  batchItems,
  type Happened,
  type Json,
  type MapRunChild,
  type MapRunItem,
  type MapRunSpec,
  mapRunResults,
  parseItems,
  parseManifest,
  THRESHOLD_EXCEEDED,
  tolerated,
} from '../src/index.js';
import type { Played } from './driver.js';

type Objects = Readonly<Record<string, string>>;
type Ended = Extract<Happened, { type: 'MapRunSucceeded' | 'MapRunFailed' }>;
type WithoutStep<T> = T extends unknown ? Omit<T, 'step'> : never;

export interface Outcome {
  readonly happened: WithoutStep<Ended>;
  readonly children: number;
}

/** A map run from its items to its output, with the object store in memory. */
export function playMapRun(
  run: MapRunSpec,
  objects: Objects,
  inputsOf: (items: readonly MapRunItem[]) => Json[],
  play: (input: Json, name: string) => Played,
): Outcome {
  const children: MapRunChild[] = [];
  try {
    const items = itemsOf(run, objects);
    let failed = 0;
    for (const { input, size } of batchItems(inputsOf(items), run.batcher)) {
      const child = childOf(play(input, String(children.length)), input, String(children.length));
      children.push(child);
      if (child.status !== 'SUCCEEDED') failed += size;
      if (!tolerated({ failed, total: items.length }, run))
        throw new AslFailure(THRESHOLD_EXCEEDED.error, THRESHOLD_EXCEEDED.cause);
    }
    const output = outputOf(run, children);
    return { happened: { type: 'MapRunSucceeded', output }, children: children.length };
  } catch (error) {
    if (!(error instanceof AslFailure)) throw error;
    return { happened: { type: 'MapRunFailed', failure: error.toFailure() }, children: children.length };
  }
}

const childOf = ({ frame }: Played, input: Json, name: string): MapRunChild => ({
  executionId: `execution-1/${name}`,
  workflow: 'workflow-1',
  name,
  status: frame.status,
  input,
  ...(frame.output !== undefined && { output: frame.output }),
  ...(frame.failure && { failure: frame.failure }),
  startDate: '2026-01-01T00:00:00.000Z',
  stopDate: '2026-01-01T00:00:00.000Z',
});

/** What is exported is told of, not given; the name of the manifest is the engine's business. */
function outputOf({ writer }: MapRunSpec, children: readonly MapRunChild[]): Json {
  const results = mapRunResults(children, writer?.config.transformation ?? 'COMPACT');
  if (!writer?.resource) return results;
  const { Bucket = null, Prefix = '' } = writer.parameters ?? {};
  return { ResultWriterDetails: { Bucket, Key: `${String(Prefix)}/manifest.json` } };
}

function itemsOf({ items, keys, reader }: MapRunSpec, objects: Objects): MapRunItem[] {
  if (!reader) {
    return (items ?? []).map((value, index) => {
      const key = keys?.[index];
      return { index, value, ...(key !== undefined && { key }), source: 'STATE_DATA' };
    });
  }
  const read = reader.resource.endsWith('listObjectsV2') ? listing(reader, objects) : content(reader, objects);
  return read.slice(0, reader.config.maxItems).map((item, index) => ({ ...item, index }));
}

type Reader = MapRunSpec['reader'] & {};
type Read = Omit<MapRunItem, 'index'>;

function content({ parameters, config }: Reader, objects: Objects): Read[] {
  const { Bucket, Key } = parameters;
  const source = `S3://${String(Bucket)}/${String(Key)}`;
  const text = textAt(objects, `${String(Bucket)}/${String(Key)}`);
  if (config.inputType !== 'MANIFEST') return parseItems(text, config).map((item) => ({ ...item, source }));
  const { headers, keys, bucket } = parseManifest(text);
  return keys.flatMap((key) => {
    const rows = textAt(objects, `${bucket ?? String(Bucket)}/${key}`);
    return parseItems(rows, { inputType: 'CSV', csvHeaderLocation: 'GIVEN', csvHeaders: headers }).map((item) => ({
      ...item,
      source,
    }));
  });
}

function listing({ parameters, config }: Reader, objects: Objects): Read[] {
  const start = `${String(parameters['Bucket'])}/`;
  const { Prefix = '' } = parameters;
  const found = Object.entries(objects).filter(([name]) => name.startsWith(start + String(Prefix)));
  if (config.transformation === 'LOAD_AND_FLATTEN') {
    return found.flatMap(([name, text]) =>
      parseItems(text, config).map((item) => ({ ...item, source: `S3://${name}` })),
    );
  }
  return found.map(([name, text]) => {
    const value = { Key: name.slice(start.length), Size: Buffer.byteLength(text) };
    return { value, source: `S3://${start.slice(0, -1)}` };
  });
}

function textAt(objects: Objects, name: string): string {
  const text = objects[name];
  if (text === undefined) throw new AslFailure('States.ItemReaderFailed', `There is no object ${name}.`);
  return text;
}
