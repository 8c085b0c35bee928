import { Wakeups } from '@app/common';
import { Injectable } from '@nestjs/common';
import { TRIGGERS_TOPIC } from '../triggers/triggers.service.js';
import { TopicMessageRepository } from './topic-message.repository.js';

/** What a place has to do with messages that were taken before. */
@Injectable()
export class PlaceFollowUps {
  constructor(
    private readonly messages: TopicMessageRepository,
    private readonly wakeups: Wakeups,
  ) {}

  async count(triggerId: string): Promise<{ waiting: number; running: number }> {
    return this.messages.count(triggerId);
  }

  /** By the trigger's id. */
  async countWaiting(): Promise<Map<string, number>> {
    return new Map((await this.messages.countWaiting()).map(({ triggerId, count }) => [triggerId, count]));
  }

  async letGo(triggerId: string): Promise<void> {
    await this.messages.deleteWaiting(triggerId);
    this.wakeups.wake(TRIGGERS_TOPIC);
  }
}
