import { createHash } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { Database } from '@app/common';
import { ObjectNotFound, ObjectStore, ObjectTransfers } from '@app/object-store';
import type { Task, ValueRef } from '@app/queue';
import type { Json } from '@app/workflow';
import { Injectable } from '@nestjs/common';
import { v7 as uuid } from 'uuid';
import { SYSTEM_BUCKET } from '../namespaces/namespaces.js';
import { digestOf, isLarge, isOf, keyOf, type Mark, mark, markOf, refOf, type Refs } from './payload-marks.js';
import { PayloadCache } from './payload-cache.js';
import { PayloadOptions } from './payload-options.js';
import { PayloadRepository } from './payload.repository.js';
import { PayloadMissing } from './payloads.errors.js';

/** A payload that was touched so lately is not looked up again before rows refer to it; it stays for a day. */
const FRESH_MS = 3_600_000;
/** Loads and stores of one call that are under way at once. */
const LANES = 4;
/** What was stored lately is known by its content too, though its value is not in memory any more. */
const KNOWN_CONTENTS = 10_000;

/**
 * Values too large for a row: they are put into the object store before the transaction that refers to them, under the
 * SHA-256 of their JSON, once for each namespace. A crash in between leaves an object that nothing refers to.
 */
@Injectable()
export class PayloadsService {
  /** What a value in a workflow may be, as JSON. */
  readonly maxBytes: number;
  private readonly cache = new PayloadCache();
  private bucket: Promise<void> | undefined;
  private readonly contents = new Map<string, Mark>();

  constructor(
    private readonly database: Database,
    private readonly payloads: PayloadRepository,
    private readonly objects: ObjectStore,
    private readonly transfers: ObjectTransfers,
    options: PayloadOptions,
  ) {
    this.maxBytes = options.maxBytes;
  }

  /**
   * From now on `refOf` knows where those of the values are that are large. Inside of a transaction nothing is sent to
   * the store, as rows are locked meanwhile: it is taken back, what is not there yet is put there, and it begins again.
   */
  async store(namespace: string, values: readonly (Json | undefined)[]): Promise<void> {
    if (!values.some(isLarge)) return;
    const large = [...new Set(values)].filter(isLarge);
    await each(large, (value) => this.storeOne(namespace, value));
    const unstored = large.filter((value) => refOf(value, namespace) === undefined);
    if (unstored.length > 0) this.database.repeatAfter(() => this.store(namespace, unstored));
  }

  /** The value that a row refers to. A row that knows its namespace says so: it has no other's values. */
  async load(ref: ValueRef, namespace?: string): Promise<Json> {
    if (namespace !== undefined && !isOf(ref, namespace)) throw new PayloadMissing(ref.key);
    return this.cache.get(ref, async () => {
      const value = JSON.parse((await this.bytes(ref)).toString('utf8')) as Json;
      mark(value, { ref, touchedAt: -Infinity });
      return value;
    });
  }

  /** The values that rows refer to, by their names. */
  async loadAll<Name extends string>(
    refs: Refs<Name> | null | undefined,
    namespace?: string,
  ): Promise<Partial<Record<Name, Json>>> {
    if (!refs) return {};
    const loaded: Partial<Record<Name, Json>> = {};
    await each(Object.keys(refs) as Name[], async (name) => {
      const ref = refs[name];
      if (ref) loaded[name] = await this.load(ref, namespace);
    });
    return loaded;
  }

  /** The task with its payload and output, wherever they are. */
  async wholeTask(task: Task): Promise<Task> {
    const { payloadRef, outputRef, namespace } = task;
    if (!payloadRef && !outputRef) return task;
    const refs = { ...(payloadRef && { payload: payloadRef }), ...(outputRef && { output: outputRef }) };
    return { ...task, ...(await this.loadAll(refs, namespace)) };
  }

  /** Of a large value: an address that anybody may read its JSON at for so long. */
  async addressOf(
    namespace: string,
    given: ValueRef | undefined,
    value: Json,
    seconds: number,
  ): Promise<string | undefined> {
    if (!given && !isLarge(value)) return undefined;
    if (!given) await this.store(namespace, [value]);
    const ref = given ?? refOf(value, namespace);
    return ref && this.transfers.presignGet({ bucket: SYSTEM_BUCKET, key: ref.key }, seconds);
  }

  /** In the transaction that writes the rows. */
  async use(holder: string, namespace: string, values: readonly (Json | undefined)[]): Promise<void> {
    const refs = values.map((value) => refOf(value, namespace)).filter((ref) => ref !== undefined);
    await this.useRefs(holder, namespace, refs);
  }

  async useRefs(holder: string, namespace: string, refs: readonly ValueRef[]): Promise<void> {
    await this.payloads.insertUses(holder, namespace, refs);
  }

  private async storeOne(namespace: string, value: Json): Promise<void> {
    const known = markOf(value);
    const isKnown = known !== undefined && isOf(known.ref, namespace);
    if (isKnown && (this.database.isInTransaction || performance.now() - known.touchedAt < FRESH_MS)) return;
    const text = isKnown ? '' : JSON.stringify(value);
    const digest = isKnown ? digestOf(known.ref) : createHash('sha256').update(text).digest('hex');
    const found = this.contents.get(`${namespace}/${digest}`);
    if (found && performance.now() - found.touchedAt < FRESH_MS) return mark(value, found);
    if (this.database.isInTransaction) return;
    const touchedAt = performance.now();
    const key =
      (await this.payloads.touch(namespace, digest)) ??
      (await this.put(namespace, digest, text || JSON.stringify(value)));
    const ref = { key, bytes: known?.ref.bytes ?? Buffer.byteLength(text) };
    mark(value, { ref, touchedAt });
    this.note(`${namespace}/${digest}`, { ref, touchedAt });
    this.cache.put(ref, value);
  }

  private note(content: string, found: Mark): void {
    this.contents.delete(content);
    this.contents.set(content, found);
    const [oldest] = this.contents.keys();
    if (this.contents.size > KNOWN_CONTENTS && oldest !== undefined) this.contents.delete(oldest);
  }

  private async put(namespace: string, digest: string, text: string): Promise<string> {
    await this.ensureBucket();
    const key = keyOf(namespace, digest, uuid());
    const bytes = Buffer.from(text);
    await this.objects.put({ bucket: SYSTEM_BUCKET, key }, bytes, { contentType: 'application/json' });
    const kept = await this.payloads.insert({ namespace, digest, key, bytes: bytes.length });
    if (kept !== key) await this.objects.delete({ bucket: SYSTEM_BUCKET, key });
    return kept;
  }

  private async bytes({ key }: ValueRef): Promise<Buffer> {
    try {
      return await buffer((await this.objects.get({ bucket: SYSTEM_BUCKET, key })).body);
    } catch (error) {
      if (error instanceof ObjectNotFound) throw new PayloadMissing(key, { cause: error });
      throw error;
    }
  }

  private ensureBucket(): Promise<void> {
    this.bucket ??= this.objects.ensureBucket(SYSTEM_BUCKET).catch((error: unknown) => {
      this.bucket = undefined;
      throw error;
    });
    return this.bucket;
  }
}

/** Some at a time. */
async function each<Item>(items: readonly Item[], work: (item: Item) => Promise<void>): Promise<void> {
  const rest = [...items];
  const lane = async (): Promise<void> => {
    for (let next = rest.shift(); next !== undefined; next = rest.shift()) await work(next);
  };
  await Promise.all(Array.from({ length: Math.min(LANES, items.length) }, lane));
}
