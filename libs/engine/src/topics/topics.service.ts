import { EventBus, type NewMessage } from '@app/event-bus';
import { Injectable } from '@nestjs/common';
import { busTopic } from './bus-topic.js';

@Injectable()
export class TopicsService {
  constructor(private readonly bus: EventBus) {}

  async publish(
    namespace: string,
    topic: string,
    messages: NewMessage[],
  ): Promise<{ partition: number; offset: string }[]> {
    return this.bus.publish(busTopic(namespace, topic), messages);
  }
}
