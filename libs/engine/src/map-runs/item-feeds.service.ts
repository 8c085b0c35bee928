import { randomUUID } from 'node:crypto';
import { ObjectStore } from '@app/object-store';
import { mapRunInputs } from '@app/workflow';
import { Injectable } from '@nestjs/common';
import { surroundings } from '../executions/advance.js';
import { type FoundItem, ItemFeed } from './item-feed.js';
import { PayloadOptions } from '../payloads/payload-options.js';
import type { MapRun } from './map-run.js';
import type { MapRunParent } from './map-run-parents.service.js';
import { type NewMapRun, MapRunRepository } from './map-run.repository.js';
import { readItems } from './read-items.js';

/** Files that this process has open at once; one that is closed is read again from its beginning. */
const MOST_OPEN = 50;

/** Keeps what map runs read open from one look at them to the next. What a crash closes is opened again, further on. */
@Injectable()
export class ItemFeedsService {
  private readonly open = new Map<string, ItemFeed>();

  constructor(
    private readonly objects: ObjectStore,
    private readonly runs: MapRunRepository,
    private readonly limits: PayloadOptions,
  ) {}

  /** At the run's position, whoever has brought it there. */
  async at(run: MapRun, parent: MapRunParent): Promise<ItemFeed> {
    const known = this.open.get(run.id);
    if (known?.position.children === run.position.children) return known;
    await this.close(run.id);
    const [oldest] = this.open.keys();
    if (this.open.size >= MOST_OPEN && oldest !== undefined) await this.close(oldest);
    const feed = await this.feed(run, parent);
    this.open.set(run.id, feed);
    return feed;
  }

  async close(id: string): Promise<void> {
    const feed = this.open.get(id);
    this.open.delete(id);
    await feed?.close();
  }

  private async feed(run: MapRun, { execution, frame, definition }: MapRunParent): Promise<ItemFeed> {
    const { reader, batcher } = run.spec;
    const source = reader ? readItems(this.objects, reader) : ofState(await this.runs.readItems(run.id));
    const { maxBytes: maxDataBytes } = this.limits;
    const around = surroundings(execution, Date.now(), { random: Math.random, uuid: randomUUID, maxDataBytes });
    const inputsOf = (items: Parameters<typeof mapRunInputs>[3]) => mapRunInputs(definition, frame, around, items);
    return new ItemFeed({ source, batcher, maxDataBytes, inputsOf }, run.position);
  }
}

async function* ofState(items: NewMapRun['items']): AsyncGenerator<FoundItem> {
  const { values = [], keys } = items ?? {};
  for (const [index, value] of values.entries()) {
    const key = keys?.[index];
    yield { value, ...(key !== undefined && { key }), source: 'STATE_DATA' };
  }
}
