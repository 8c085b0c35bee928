import { TopicsService } from '@app/engine';
import { Body, Controller, Param, Post } from '@nestjs/common';
import { Operation } from '../openapi/operation.decorator.js';
import { Namespace } from '../shell/caller.decorator.js';
import { type Publish, publish, published, topicName } from './topics.dto.js';

@Controller('v1/topics')
export class TopicsController {
  constructor(private readonly topics: TopicsService) {}

  @Post(':topic/messages')
  @Operation({ summary: 'Publishes messages; when it answers, they are stored', answer: published })
  async publish(
    @Namespace() namespace: string,
    @Param('topic', { schema: topicName }) topic: string,
    @Body({ schema: publish }) { messages }: Publish,
  ) {
    const encoded = messages.map(({ value, valueBase64, isTombstone, key, headers }) => ({
      ...(isTombstone ? TOMBSTONE : { value: bytesOf(value, valueBase64) }),
      ...(key !== undefined && { key }),
      ...(headers && { headers }),
    }));
    return { messages: await this.topics.publish(namespace, topic, encoded) };
  }
}

const TOMBSTONE = { value: Buffer.alloc(0), isTombstone: true } as const;

function bytesOf(value: unknown, base64: string | undefined): Buffer {
  if (base64 !== undefined) return Buffer.from(base64, 'base64');
  return Buffer.from(typeof value === 'string' ? value : JSON.stringify(value));
}
