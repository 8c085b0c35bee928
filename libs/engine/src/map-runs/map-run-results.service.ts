import { Readable } from 'node:stream';
import { AppError } from '@app/common';
import { ObjectStore } from '@app/object-store';
import { AslFailure, type Json, type JsonObject, mapRunResults, type WriterConfig } from '@app/workflow';
import { Injectable } from '@nestjs/common';
import { PayloadsService } from '../payloads/payloads.service.js';
import type { MapRun } from './map-run.js';
import { type Child, MapRunChildRepository } from './map-run-child.repository.js';

type Writer = NonNullable<MapRun['spec']['writer']>;

const PAGE = 500;
const PART_BYTES = 16 * 1024 * 1024;
/** What the interpreter takes as the output of a state is less; this bounds what is put together before it says so. */
const MAX_INLINE_BYTES = 64 * 1024 * 1024;
const INLINE: WriterConfig = { outputType: 'JSON', transformation: 'COMPACT' };

/** One kind of result file, as AWS names them. */
const FILES = {
  SUCCEEDED: ({ status }: Child) => status === 'SUCCEEDED',
  FAILED: ({ status }: Child) => status === 'FAILED' || status === 'TIMED_OUT' || status === 'ABORTED',
  PENDING: ({ status }: Child) => status === 'RUNNING',
} as const;

/** Puts together what the children of a map run gave: in the state's output, or as files in the object store. */
@Injectable()
export class MapRunResultsService {
  constructor(
    private readonly children: MapRunChildRepository,
    private readonly objects: ObjectStore,
    private readonly payloads: PayloadsService,
  ) {}

  async output(run: MapRun): Promise<Json> {
    const { writer } = run.spec;
    if (writer?.resource !== undefined) return this.write(run, writer);
    const results: Json[] = [];
    let bytes = 0;
    for await (const page of this.pages(run.id)) {
      const found = mapRunResults(page, (writer?.config ?? INLINE).transformation);
      bytes += JSON.stringify(found).length;
      if (bytes > MAX_INLINE_BYTES) throw new AslFailure('States.DataLimitExceeded', TOO_LARGE);
      results.push(...found);
    }
    return results;
  }

  /** Writes `manifest.json` last: who reads it finds all that it names. Writing again gives the same files. */
  private async write(run: MapRun, { parameters = {}, config }: Writer): Promise<JsonObject> {
    const { Bucket: bucket, Prefix: prefix = '' } = parameters;
    if (typeof bucket !== 'string' || typeof prefix !== 'string')
      throw new AslFailure('States.ResultWriterFailed', "The ResultWriter's Bucket and Prefix must be texts");
    const folder = `${prefix.replace(/\/+$/, '')}${prefix === '' ? '' : '/'}${run.id}`;
    try {
      const files: Record<string, JsonObject[]> = {};
      for (const [kind, isOf] of Object.entries(FILES)) {
        const file = await this.writeFile(run, { bucket, name: `${folder}/${kind}_0`, config, isOf });
        files[kind] = file ? [file] : [];
      }
      const manifest = { DestinationBucket: bucket, MapRunArn: run.id, ResultFiles: files };
      const key = `${folder}/manifest.json`;
      await this.objects.put({ bucket, key }, JSON.stringify(manifest), { contentType: 'application/json' });
      return { MapRunArn: run.id, ResultWriterDetails: { Bucket: bucket, Key: key } };
    } catch (error) {
      if (error instanceof AppError && !error.retryable)
        throw new AslFailure('States.ResultWriterFailed', error.message);
      throw error;
    }
  }

  private async writeFile(run: MapRun, file: ResultFile): Promise<JsonObject | undefined> {
    const { bucket, name, config } = file;
    const texts = this.texts(run, file);
    const first = await texts.next();
    if (first.done) return undefined;
    const isLines = config.outputType === 'JSONL';
    const key = `${name}.${isLines ? 'jsonl' : 'json'}`;
    const body = Readable.from(isLines ? lines(first.value, texts) : array(first.value, texts), { objectMode: false });
    const contentType = isLines ? 'application/jsonl' : 'application/json';
    const { size } = await this.objects.put({ bucket, key }, body, { contentType });
    return { Key: key, Size: size };
  }

  /** Each result as JSON. */
  private async *texts(run: MapRun, { isOf, config }: ResultFile): AsyncGenerator<string> {
    for await (const page of this.pages(run.id))
      for (const result of mapRunResults(page.filter(isOf), config.transformation)) yield JSON.stringify(result);
  }

  private async *pages(mapRunId: string): AsyncGenerator<Child[]> {
    let after = -1;
    for (;;) {
      const page = await this.children.list(mapRunId, after, PAGE);
      yield* this.parts(page);
      const last = page.at(-1);
      if (!last || page.length < PAGE) return;
      after = last.index;
    }
  }

  /** The children with their values; no more of them at once than a process can have in memory. */
  private async *parts(page: readonly Child[]): AsyncGenerator<Child[]> {
    let part: Child[] = [];
    let bytes = 0;
    for (const child of page) {
      part.push({ ...child, ...(await this.payloads.loadAll(child.refs)) });
      bytes += (child.refs?.input?.bytes ?? 0) + (child.refs?.output?.bytes ?? 0);
      if (bytes < PART_BYTES) continue;
      yield part;
      part = [];
      bytes = 0;
    }
    if (part.length > 0) yield part;
  }
}

interface ResultFile {
  readonly bucket: string;
  readonly name: string;
  readonly config: WriterConfig;
  isOf(child: Child): boolean;
}

const TOO_LARGE = 'The results are larger than 64 MiB together; a ResultWriter puts them into the object store';

async function* lines(first: string, rest: AsyncIterable<string>): AsyncGenerator<Buffer> {
  yield Buffer.from(`${first}\n`);
  for await (const text of rest) yield Buffer.from(`${text}\n`);
}

async function* array(first: string, rest: AsyncIterable<string>): AsyncGenerator<Buffer> {
  yield Buffer.from(`[${first}`);
  for await (const text of rest) yield Buffer.from(`,${text}`);
  yield Buffer.from(']');
}
