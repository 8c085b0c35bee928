import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Database, sql, Wakeups } from '@app/common';
import {
  ActivitiesModule,
  ActivitiesService,
  ActivityTasksService,
  EventsModule,
  EventsService,
  ExecutionsModule,
  ExecutionsService,
  ExecutorsModule,
  ExecutorsService,
  FunctionsModule,
  FunctionsService,
  InfrastructureModule,
  InvocationsModule,
  LedgerModule,
  LifecycleModule,
  RetentionModule,
  InvocationsService,
  LogsModule,
  LogsService,
  MapRunsModule,
  MapRunsService,
  MapRunTurnsService,
  RedriveModule,
  RedriveService,
  RerunService,
  PublishTasksService,
  ROUTER_TASK_KINDS,
  RouterTasksModule,
  RouterTasksService,
  SchedulesModule,
  SchedulesService,
  TasksModule,
  TaskTokensModule,
  TaskTokensService,
  TaskOutputsService,
  TaskResultsService,
  TimersService,
  TopicsModule,
  TopicTriggersModule,
  TriggersModule,
  TriggersService,
  UsageModule,
  UsageService,
  WebhooksModule,
  WorkersService,
  WorkflowsModule,
  WorkflowsService,
} from '@app/engine';
import { EmbeddedS3, ObjectStore } from '@app/object-store';
import { QueueModule, type Task, TaskQueueRepository, TaskRepository } from '@app/queue';
import type { Failure } from '@app/workflow';
import { Test, type TestingModule } from '@nestjs/testing';
import { createTestDatabase } from './database.js';

const usage = { wallMs: 1 };
const credentials = { accessKeyId: 'test', secretAccessKey: 'test-secret' };

const modules = [
  ActivitiesModule,
  EventsModule,
  LedgerModule,
  LifecycleModule,
  RetentionModule,
  WebhooksModule,
  ExecutionsModule,
  FunctionsModule,
  InvocationsModule,
  MapRunsModule,
  RedriveModule,
  QueueModule,
  RouterTasksModule,
  SchedulesModule,
  TaskTokensModule,
  TasksModule,
  TopicsModule,
  TopicTriggersModule,
  TriggersModule,
  LogsModule,
  UsageModule,
  WorkflowsModule,
];

/** The whole engine on a database and an object store of its own, without doors: a test is its router and executor. */
export async function createEngine() {
  const postgres = await createTestDatabase();
  const dir = await mkdtemp(join(tmpdir(), 'spool-engine-'));
  const s3 = await EmbeddedS3.start({ dir, port: 0, credentials });
  const infrastructure = {
    database: { url: postgres.url, maxConnections: 8 },
    s3: {
      endpoint: s3.endpoint,
      publicEndpoint: s3.endpoint,
      region: 'us-east-1',
      forcePathStyle: true,
      ...credentials,
    },
    eventBus: { kind: 'postgres' } as const,
  };
  const workers = { leaseSeconds: 30, heartbeatSeconds: 10, reserveAfterSeconds: 30 };
  const app = await Test.createTestingModule({
    imports: [InfrastructureModule.forRoot(infrastructure), ExecutorsModule.forRoot(workers), ...modules],
  }).compile();
  app.useLogger(false);
  await app.init();
  const close = async (): Promise<void> => {
    await app.close();
    await s3.close();
    await postgres.drop();
    await rm(dir, { recursive: true, force: true });
  };
  return { ...services(app), ...(await executorOf(app)), ...routerOf(app), s3, url: postgres.url, close };
}
export type TestEngine = Awaited<ReturnType<typeof createEngine>>;

const services = (app: TestingModule) => ({
  app,
  database: app.get(Database),
  wakeups: app.get(Wakeups),
  objects: app.get(ObjectStore),
  functions: app.get(FunctionsService, { strict: false }),
  workflows: app.get(WorkflowsService, { strict: false }),
  triggers: app.get(TriggersService, { strict: false }),
  executions: app.get(ExecutionsService, { strict: false }),
  invocations: app.get(InvocationsService, { strict: false }),
  mapRuns: app.get(MapRunsService, { strict: false }),
  mapRunTurns: app.get(MapRunTurnsService, { strict: false }),
  redrives: app.get(RedriveService, { strict: false }),
  reruns: app.get(RerunService, { strict: false }),
  events: app.get(EventsService, { strict: false }),
  schedules: app.get(SchedulesService, { strict: false }),
  timers: app.get(TimersService, { strict: false }),
  workers: app.get(WorkersService, { strict: false }),
  activities: app.get(ActivitiesService, { strict: false }),
  activityTasks: app.get(ActivityTasksService, { strict: false }),
  tokens: app.get(TaskTokensService, { strict: false }),
  outputs: app.get(TaskOutputsService, { strict: false }),
  logs: app.get(LogsService, { strict: false }),
  usage: app.get(UsageService, { strict: false }),
  tasks: app.get(TaskRepository, { strict: false }),
  queue: app.get(TaskQueueRepository, { strict: false }),
});

/** A router played by hand. */
function routerOf(app: TestingModule) {
  const router = app.get(RouterTasksService, { strict: false });
  const messages = app.get(PublishTasksService, { strict: false });
  return {
    /** Does what routers do for states, until there is nothing more to do. */
    route: async () => {
      for (let done = 1; done > 0; ) {
        done = await messages.publishDue(100);
        for (const kind of ROUTER_TASK_KINDS) done += await router.runDue(kind, 100);
      }
    },
  };
}

/** An executor played by hand. */
async function executorOf(app: TestingModule) {
  const database = app.get(Database);
  const results = app.get(TaskResultsService, { strict: false });
  const capacity = { slots: 100, memoryMb: 1_000_000, vcpu: 1_000 };
  const { executorId } = await app
    .get(ExecutorsService, { strict: false })
    .register({ name: 'test', labels: ['cpu'], capacity, version: '0' });
  const queue = app.get(TaskQueueRepository, { strict: false });
  const claim = (limit = 100): Promise<Task[]> =>
    queue.claim({ kind: 'function', labels: ['cpu'], limit, memoryMb: 1e6, vcpu: 1e3, executorId, leaseSeconds: 30 });
  const claimed = async (task: Task): Promise<Task> => {
    if (task.status === 'RUNNING') return task;
    await database.query(sql`
      update task set status = 'RUNNING', attempt = attempt + 1, executor_id = ${executorId}, started_at = now(),
                      run_at = now() + interval '30 s' where id = ${task.id}`);
    return { ...task, attempt: task.attempt + 1 };
  };
  const report = ({ id, attempt }: Task, output: unknown): Promise<boolean> =>
    results.accept({ id, attempt, status: 'SUCCEEDED', output: output as never, outputs: [], usage });
  return {
    executorId,
    claim,
    report,
    answer: async (task: Task, output: unknown) => report(await claimed(task), output),
    fail: async (task: Task, failure: Failure) => {
      const { id, attempt } = await claimed(task);
      return results.accept({ id, attempt, status: 'FAILED', ...failure, usage });
    },
    /** Lets time pass for timers, schedules and map runs, by moving them. */
    passSeconds: async (seconds: number) => {
      await database.query(sql`update timer set fire_at = fire_at - make_interval(secs => ${seconds})`);
      await database.query(sql`
        update map_run
        set run_at = run_at - make_interval(secs => ${seconds}),
            leased_until = leased_until - make_interval(secs => ${seconds})`);
      await database.query(sql`
        update task set started_at = started_at - make_interval(secs => ${seconds}),
                        heartbeat_at = heartbeat_at - make_interval(secs => ${seconds})`);
      await database.query(sql`update schedule set next_fire_at = next_fire_at - make_interval(secs => ${seconds})`);
    },
  };
}
