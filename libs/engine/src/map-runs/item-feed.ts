import { type Batch, Batching, type Json, type MapRunItem, type MapRunSpec } from '@app/workflow';
import type { Position } from './map-run.js';

export type FoundItem = Omit<MapRunItem, 'index'>;

/** One child execution to begin. */
export interface NextChild {
  readonly index: number;
  readonly input: Json;
  readonly items: number;
}

export interface FeedOptions {
  readonly source: AsyncGenerator<FoundItem>;
  readonly batcher: MapRunSpec['batcher'];
  readonly maxDataBytes?: number;
  /** What the children, or their batches, get of the items. */
  inputsOf(items: readonly MapRunItem[]): readonly Json[];
}

/** So many items are evaluated together. */
const PAGE = 100;

/** Reads items as children are begun, and no further; knows the position in front of the next child. */
export class ItemFeed {
  private readonly batching: Batching | undefined;
  private ready: Batch[] = [];
  private read = 0;
  private isExhausted = false;

  constructor(
    private readonly options: FeedOptions,
    private at: Position,
  ) {
    this.batching = options.batcher && new Batching(options.batcher, options.maxDataBytes);
  }

  get position(): Position {
    return this.at;
  }

  /** The next children, at most so many. Without any, all have been given. Throws `AslFailure`. */
  async take(count: number): Promise<NextChild[]> {
    while (this.read < this.at.items && !this.isExhausted) await this.next();
    const children: NextChild[] = [];
    while (children.length < count) {
      if (this.ready.length === 0 && !(await this.fill())) break;
      for (const { input, size } of this.ready.splice(0, count - children.length)) {
        const { items, children: index } = this.at;
        children.push({ index, input, items: size });
        this.at = { items: items + size, children: index + 1, atEnd: false };
      }
    }
    this.at = { ...this.at, atEnd: this.isExhausted && this.ready.length === 0 };
    return children;
  }

  async close(): Promise<void> {
    await this.options.source.return(undefined);
  }

  /** Reads a page; false if there was nothing left. */
  private async fill(): Promise<boolean> {
    while (!this.isExhausted && this.ready.length === 0) {
      const page: MapRunItem[] = [];
      while (page.length < PAGE) {
        const item = await this.next();
        if (!item) break;
        page.push(item);
      }
      this.ready.push(...this.batches(this.options.inputsOf(page)));
    }
    return this.ready.length > 0;
  }

  private batches(inputs: readonly Json[]): Batch[] {
    const { batching } = this;
    if (!batching) return inputs.map((input) => ({ input, size: 1 }));
    return [...inputs.flatMap((input) => batching.add(input)), ...(this.isExhausted ? batching.end() : [])];
  }

  private async next(): Promise<MapRunItem | undefined> {
    const { value, done } = await this.options.source.next();
    if (done) {
      this.isExhausted = true;
      return undefined;
    }
    return { ...(value as FoundItem), index: this.read++ };
  }
}
