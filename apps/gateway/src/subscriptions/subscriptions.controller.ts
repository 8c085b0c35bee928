import { type NewSubscription, newSubscription, SubscriptionsService } from '@app/engine';
import { Body, Controller, Delete, Get, Param, Post, Put } from '@nestjs/common';
import { Operation } from '../openapi/operation.decorator.js';
import { Namespace } from '../shell/caller.decorator.js';
import { name } from '../shell/names.js';
import {
  type ChangedSubscription,
  changedSubscription,
  subscriptionList,
  subscriptionView,
  toSubscriptionView,
} from './subscriptions.dto.js';

@Controller('v1/subscriptions')
export class SubscriptionsController {
  constructor(private readonly subscriptions: SubscriptionsService) {}

  @Post()
  @Operation({
    summary: 'Has executions and invocations tell when they begin and end, on a topic or to a web address',
    status: 201,
    answer: subscriptionView,
  })
  async create(@Namespace() namespace: string, @Body({ schema: newSubscription }) wanted: NewSubscription) {
    return toSubscriptionView(await this.subscriptions.create(namespace, wanted));
  }

  @Get()
  @Operation({ summary: 'Lists subscriptions', answer: subscriptionList })
  async list(@Namespace() namespace: string) {
    return { items: (await this.subscriptions.list(namespace)).map(toSubscriptionView) };
  }

  @Get(':name')
  @Operation({ summary: 'Shows a subscription', answer: subscriptionView })
  async get(@Namespace() namespace: string, @Param('name', { schema: name }) subscription: string) {
    return toSubscriptionView(await this.subscriptions.get(namespace, subscription));
  }

  @Put(':name')
  @Operation({ summary: 'Replaces a subscription', answer: subscriptionView })
  async update(
    @Namespace() namespace: string,
    @Param('name', { schema: name }) subscription: string,
    @Body({ schema: changedSubscription }) wanted: ChangedSubscription,
  ) {
    return toSubscriptionView(await this.subscriptions.update(namespace, subscription, wanted));
  }

  @Delete(':name')
  @Operation({ summary: 'Deletes a subscription, with what was not told yet', status: 204 })
  async delete(@Namespace() namespace: string, @Param('name', { schema: name }) subscription: string): Promise<void> {
    await this.subscriptions.delete(namespace, subscription);
  }
}
