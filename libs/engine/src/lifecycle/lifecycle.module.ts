import { Module } from '@nestjs/common';
import { EventsModule } from '../events/events.module.js';
import { ExecutionsModule } from '../executions/executions.module.js';
import { LineageModule } from '../lineage/lineage.module.js';
import { TopicsModule } from '../topics/topics.module.js';
import { TriggersModule } from '../triggers/triggers.module.js';
import { FunctionsModule } from '../functions/functions.module.js';
import { TasksModule } from '../tasks/tasks.module.js';
import { InvocationRecorder } from './invocation-recorder.service.js';
import { LifecycleDestinations } from './lifecycle-destinations.service.js';
import { LifecycleInterests } from './lifecycle-interests.service.js';
import { LifecyclePublisher } from './lifecycle-publisher.service.js';
import { LifecycleRecorder } from './lifecycle-recorder.service.js';
import { LifecycleRepository } from './lifecycle.repository.js';
import { SubscriptionsService } from './subscriptions.service.js';

/** What executions and invocations tell of themselves. Every process that moves them needs it. */
@Module({
  imports: [EventsModule, ExecutionsModule, FunctionsModule, LineageModule, TasksModule, TopicsModule, TriggersModule],
  providers: [
    InvocationRecorder,
    LifecycleDestinations,
    LifecycleInterests,
    LifecyclePublisher,
    LifecycleRecorder,
    LifecycleRepository,
    SubscriptionsService,
  ],
  exports: [LifecycleInterests, LifecyclePublisher, SubscriptionsService],
})
export class LifecycleModule {}
