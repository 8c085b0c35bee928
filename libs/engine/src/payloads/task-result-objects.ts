import { buffer } from 'node:stream/consumers';
import { isNestedTooDeep } from '@app/common';
import { ObjectNotFound, ObjectStore, ObjectTransfers } from '@app/object-store';
import type { TaskRef } from '@app/queue';
import type { Json } from '@app/workflow';
import { Injectable } from '@nestjs/common';
import { v7 as uuid } from 'uuid';
import { SYSTEM_BUCKET } from '../namespaces/namespaces.js';

export const RESULTS_PREFIX = 'results/';
const URL_SECONDS = 3_600;

/** Where executors put results that are too large for the exchange, for as long as it takes to accept them. */
@Injectable()
export class TaskResultObjects {
  constructor(
    private readonly objects: ObjectStore,
    private readonly transfers: ObjectTransfers,
  ) {}

  async open(task: TaskRef): Promise<{ key: string; url: string }> {
    await this.objects.ensureBucket(SYSTEM_BUCKET);
    const key = `${prefixOf(task)}${uuid()}.json`;
    return { key, url: await this.transfers.presignPut({ bucket: SYSTEM_BUCKET, key }, URL_SECONDS) };
  }

  /** The result, undefined if there is none at the key, or how large it is if that is more than `maxBytes`. */
  async read(task: TaskRef, key: string, maxBytes: number): Promise<{ output: Json } | { bytes: number } | undefined> {
    if (!key.startsWith(prefixOf(task))) return undefined;
    try {
      const { body, facts } = await this.objects.get({ bucket: SYSTEM_BUCKET, key });
      if (facts.size > maxBytes) {
        body.destroy();
        return { bytes: facts.size };
      }
      const text = (await buffer(body)).toString('utf8');
      return isNestedTooDeep(text) ? undefined : { output: JSON.parse(text) as Json };
    } catch (error) {
      if (error instanceof ObjectNotFound || error instanceof SyntaxError) return undefined;
      throw error;
    }
  }

  /** Once the result is taken, or refused. What a crash leaves is removed with the garbage. */
  async remove(task: TaskRef, key: string): Promise<void> {
    if (key.startsWith(prefixOf(task))) await this.objects.delete({ bucket: SYSTEM_BUCKET, key });
  }
}

const prefixOf = ({ id, attempt }: TaskRef): string => `${RESULTS_PREFIX}${id}/${attempt}-`;
