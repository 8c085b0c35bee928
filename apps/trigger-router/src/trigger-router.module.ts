import {
  AsynchronousModule,
  DestinationsModule,
  EventsModule,
  ExecutionsModule,
  ExecutorsModule,
  LedgerModule,
  LifecycleModule,
  LogsModule,
  RetentionModule,
  MapRunsModule,
  RouterTasksModule,
  SchedulesModule,
  TasksModule,
  TemporaryObjectsModule,
  TopicsModule,
  TopicTriggersModule,
  TriggersModule,
  UsageModule,
  type WorkersOptions,
} from '@app/engine';
import { type DynamicModule, Module } from '@nestjs/common';
import { ObjectsSource } from './sources/objects.source.js';
import { TopicReaders } from './sources/topic-readers.js';
import { TopicsSource } from './sources/topics.source.js';
import { DeliveriesWorker } from './workers/deliveries.worker.js';
import { DestinationsWorker } from './workers/destinations.worker.js';
import { DueWorker } from './workers/due.worker.js';
import { LifecycleWorker } from './workers/lifecycle.worker.js';
import { LogsWorker } from './workers/logs.worker.js';
import { RecoveryWorker } from './workers/recovery.worker.js';
import { RetentionWorker } from './workers/retention.worker.js';
import { SettlingWorker } from './workers/settling.worker.js';
import { SweepWorker } from './workers/sweep.worker.js';
import { RouterTasksWorker } from './workers/router-tasks.worker.js';
import { TemporaryObjectsWorker } from './workers/temporary-objects.worker.js';
import { TopicBatchesWorker } from './workers/topic-batches.worker.js';
import { UsageWorker } from './workers/usage.worker.js';

/** Everything that happens without a person asking. The database and the ports come from global modules. */
@Module({})
export class TriggerRouterModule {
  static forRoot(options: { workers: WorkersOptions }): DynamicModule {
    return {
      module: TriggerRouterModule,
      imports: [
        AsynchronousModule,
        DestinationsModule,
        EventsModule,
        ExecutionsModule,
        ExecutorsModule.forRoot(options.workers),
        LedgerModule,
        LifecycleModule,
        LogsModule,
        RetentionModule,
        MapRunsModule,
        RouterTasksModule,
        SchedulesModule,
        TasksModule,
        TemporaryObjectsModule,
        TopicsModule,
        TopicTriggersModule,
        TriggersModule,
        UsageModule,
      ],
      providers: [
        DeliveriesWorker,
        DestinationsWorker,
        DueWorker,
        LifecycleWorker,
        LogsWorker,
        ObjectsSource,
        RecoveryWorker,
        RetentionWorker,
        RouterTasksWorker,
        SettlingWorker,
        SweepWorker,
        TemporaryObjectsWorker,
        TopicBatchesWorker,
        TopicReaders,
        TopicsSource,
        UsageWorker,
      ],
    };
  }
}
