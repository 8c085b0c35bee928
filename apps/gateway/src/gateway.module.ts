import {
  ActivitiesModule,
  AsynchronousModule,
  ApiKeysModule,
  EventsModule,
  ExecutionsModule,
  ExecutorsModule,
  FastLaneModule,
  FunctionsModule,
  InvocationsModule,
  MapRunsModule,
  ProgressModule,
  PlacementModule,
  RedriveModule,
  ResultCacheModule,
  LedgerModule,
  LifecycleModule,
  RetentionModule,
  SchedulesModule,
  TasksModule,
  TaskTokensModule,
  TopicsModule,
  TopicTriggersModule,
  TriggersModule,
  UsageModule,
  WebhooksModule,
  WorkflowsModule,
} from '@app/engine';
import { type DynamicModule, Module } from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_PIPE } from '@nestjs/core';
import { LoggerModule } from 'nestjs-pino';
import { ActivitiesController } from './activities/activities.controller.js';
import { ApiKeysController } from './api-keys/api-keys.controller.js';
import { DeadLettersController } from './events/dead-letters.controller.js';
import { EventsController } from './events/events.controller.js';
import { ExplanationsController } from './events/explanations.controller.js';
import { ExecutionStream } from './executions/execution.stream.js';
import { ExecutionViews } from './executions/execution.view.js';
import { HistoryViews } from './executions/history.view.js';
import { ExecutionValuesController } from './executions/execution-values.controller.js';
import { ExecutionsController } from './executions/executions.controller.js';
import { RedriveController } from './executions/redrive.controller.js';
import { StartExecutionController } from './executions/start-execution.controller.js';
import { ExecutorsController } from './executors/executors.controller.js';
import { EventInvokeConfigController } from './functions/event-invoke-config.controller.js';
import { FunctionsController } from './functions/functions.controller.js';
import { HealthController } from './health/health.controller.js';
import { HealthRepository } from './health/health.repository.js';
import { ReadinessService } from './health/readiness.service.js';
import { HooksController } from './hooks/hooks.controller.js';
import { WebhooksController } from './hooks/webhooks.controller.js';
import { InstancesController } from './instances/instances.controller.js';
import { InvocationLogsController } from './invocations/invocation-logs.controller.js';
import { LogStream } from './invocations/log.stream.js';
import { CallDoor } from './invocations/call.door.js';
import { CallReply } from './invocations/call.reply.js';
import { InvocationViews } from './invocations/invocation.view.js';
import { InvocationsController } from './invocations/invocations.controller.js';
import { InvokeController } from './invocations/invoke.controller.js';
import { MapRunsController } from './map-runs/map-runs.controller.js';
import { LedgerController } from './ledger/ledger.controller.js';
import { ExecutorGauges } from './metrics/executor-gauges.js';
import { InstanceGauges } from './metrics/instance-gauges.js';
import { ProgressGauges } from './metrics/progress-gauges.js';
import { SeenExecutors } from './metrics/seen-executors.js';
import { BucketMetrics } from './metrics/bucket-metrics.service.js';
import { MetricsController } from './metrics/metrics.controller.js';
import { MetricsRepository } from './metrics/metrics.repository.js';
import { MetricsService } from './metrics/metrics.service.js';
import { TopicMetrics } from './metrics/topic-metrics.service.js';
import { BucketsController } from './objects/buckets.controller.js';
import { ObjectsController } from './objects/objects.controller.js';
import { RetentionController } from './retention/retention.controller.js';
import { QuotasController } from './quotas/quotas.controller.js';
import { type GatewaySettings, SETTINGS } from './settings.js';
import { AccessHook } from './shell/access.hook.js';
import { DrainingService } from './shell/draining.service.js';
import { KnownQueryGuard } from './shell/known-query.guard.js';
import { logging } from './shell/logging.js';
import { ProblemFilter } from './shell/problem.filter.js';
import { SchemaPipe } from './shell/schema.pipe.js';
import { StorableAddressGuard } from './shell/storable-address.guard.js';
import { SubscriptionsController } from './subscriptions/subscriptions.controller.js';
import { SystemController } from './system/system.controller.js';
import { TaskTokensController } from './task-tokens/task-tokens.controller.js';
import { TopicsController } from './topics/topics.controller.js';
import { PlacesController } from './triggers/places.controller.js';
import { SchedulesController } from './triggers/schedules.controller.js';
import { ResultCacheController } from './result-cache/result-cache.controller.js';
import { TriggersController } from './triggers/triggers.controller.js';
import { LaneServer } from './worker/lane.server.js';
import { WorkerController } from './worker/worker.controller.js';
import { WorkerTasksController } from './worker/worker-tasks.controller.js';
import { UsageController } from './usage/usage.controller.js';
import { AliasesController } from './workflows/aliases.controller.js';
import { TestStateController } from './workflows/test-state.controller.js';
import { WorkflowsController } from './workflows/workflows.controller.js';

/** Every HTTP door. Needs global modules for Database, ObjectStore, ObjectTransfers and EventBus. */
@Module({})
export class GatewayModule {
  static forRoot(settings: GatewaySettings): DynamicModule {
    return {
      module: GatewayModule,
      imports: [LoggerModule.forRoot(logging(settings)), ...engine, ExecutorsModule.forRoot(settings.workers)],
      controllers,
      providers: [
        { provide: SETTINGS, useValue: settings },
        { provide: APP_FILTER, useClass: ProblemFilter },
        { provide: APP_GUARD, useClass: StorableAddressGuard },
        { provide: APP_GUARD, useClass: KnownQueryGuard },
        { provide: APP_PIPE, useClass: SchemaPipe },
        AccessHook,
        CallDoor,
        CallReply,
        DrainingService,
        ExecutionStream,
        ExecutionViews,
        HealthRepository,
        ExecutorGauges,
        HistoryViews,
        InstanceGauges,
        ProgressGauges,
        SeenExecutors,
        InvocationViews,
        LogStream,
        LaneServer,
        BucketMetrics,
        MetricsRepository,
        MetricsService,
        ReadinessService,
        TopicMetrics,
      ],
    };
  }
}

const engine = [
  ActivitiesModule,
  AsynchronousModule,
  ApiKeysModule,
  EventsModule,
  ExecutionsModule,
  FastLaneModule,
  FunctionsModule,
  InvocationsModule,
  MapRunsModule,
  ProgressModule,
  PlacementModule,
  RedriveModule,
  ResultCacheModule,
  LedgerModule,
  LifecycleModule,
  RetentionModule,
  SchedulesModule,
  TasksModule,
  TaskTokensModule,
  TopicsModule,
  TopicTriggersModule,
  TriggersModule,
  UsageModule,
  WebhooksModule,
  WorkflowsModule,
];

const controllers = [
  AliasesController,
  ActivitiesController,
  ApiKeysController,
  DeadLettersController,
  EventInvokeConfigController,
  EventsController,
  ExplanationsController,
  ExecutionValuesController,
  ExecutionsController,
  PlacesController,
  RedriveController,
  StartExecutionController,
  ExecutorsController,
  FunctionsController,
  HealthController,
  HooksController,
  InstancesController,
  InvocationLogsController,
  InvocationsController,
  InvokeController,
  ResultCacheController,
  MapRunsController,
  LedgerController,
  MetricsController,
  BucketsController,
  ObjectsController,
  RetentionController,
  QuotasController,
  SchedulesController,
  SystemController,
  TaskTokensController,
  TestStateController,
  SubscriptionsController,
  TopicsController,
  TriggersController,
  UsageController,
  WebhooksController,
  WorkerController,
  WorkerTasksController,
  WorkflowsController,
];
