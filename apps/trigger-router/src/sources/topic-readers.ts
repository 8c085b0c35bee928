import {
  TopicIntakeService,
  TopicPlacesService,
  type TopicTrigger,
  TopicWorkService,
  TriggersService,
} from '@app/engine';
import type { Message } from '@app/event-bus';
import { Injectable } from '@nestjs/common';

type Place = Awaited<ReturnType<TopicPlacesService['list']>> extends Map<string, infer One> ? One : never;

export interface TopicReader {
  readonly trigger: TopicTrigger;
  /** Only of a trigger that was ever reset. */
  readonly place: Place | undefined;
}

/** Who reads topics, from where, and what they do with what they read. */
@Injectable()
export class TopicReaders {
  constructor(
    private readonly all: TriggersService,
    private readonly places: TopicPlacesService,
    private readonly intake: TopicIntakeService,
    private readonly work: TopicWorkService,
  ) {}

  async triggers(): Promise<TopicReader[]> {
    const [triggers, places] = await Promise.all([this.all.listOf('topic'), this.places.list()]);
    return triggers.map((trigger) => ({ trigger, place: places.get(trigger.id) }));
  }

  /** Moves those that are to be moved and that nobody reads for. */
  async reset(readers: readonly TopicReader[]): Promise<void> {
    for (const { trigger, place } of readers) if (place?.resetTo !== undefined) await this.places.applyReset(trigger);
  }

  async isReady(trigger: TopicTrigger): Promise<boolean> {
    return this.work.isReady(trigger);
  }

  /** The offset is stored after this has resolved, so everything that follows of the messages is committed by then. */
  async take(trigger: TopicTrigger, generation: number, messages: readonly Message[]): Promise<void> {
    await this.intake.take(trigger, generation, messages);
  }
}
