import { QueueModule } from '@app/queue';
import { Module } from '@nestjs/common';
import { AsynchronousCallRepository } from '../asynchronous/asynchronous-call.repository.js';
import { ExecutionsModule } from '../executions/executions.module.js';
import { FunctionsModule } from '../functions/functions.module.js';
import { LineageModule } from '../lineage/lineage.module.js';
import { ResultCacheModule } from '../result-cache/result-cache.module.js';
import { TemporaryObjectsModule } from '../temporary-objects/temporary-objects.module.js';
import { InvocationMeter } from './invocation-meter.js';
import { InvocationNews } from './invocation-news.js';
import { KnownTasks } from './known-tasks.js';
import { LostTasksService } from './lost-tasks.service.js';
import { ReportedTasks } from './reported-tasks.js';
import { ResultValues } from './result-values.js';
import { StoredTasks } from './stored-tasks.js';
import { TaskCompletionService } from './task-completion.service.js';
import { TaskIntakeService } from './task-intake.service.js';
import { TaskLogRepository } from './task-log.repository.js';
import { TaskOutputsService } from './task-outputs.service.js';
import { TaskResultsService } from './task-results.service.js';
import { TaskUploadRepository } from './task-upload.repository.js';
import { UploadCompletionService } from './upload-completion.service.js';
import { TaskUploadsService } from './task-uploads.service.js';

@Module({
  imports: [QueueModule, ExecutionsModule, FunctionsModule, LineageModule, ResultCacheModule, TemporaryObjectsModule],
  providers: [
    AsynchronousCallRepository,
    InvocationMeter,
    InvocationNews,
    KnownTasks,
    LostTasksService,
    ReportedTasks,
    ResultValues,
    TaskCompletionService,
    StoredTasks,
    TaskIntakeService,
    TaskLogRepository,
    TaskOutputsService,
    TaskResultsService,
    TaskUploadRepository,
    TaskUploadsService,
    UploadCompletionService,
  ],
  exports: [
    AsynchronousCallRepository,
    InvocationMeter,
    InvocationNews,
    KnownTasks,
    LostTasksService,
    ResultValues,
    StoredTasks,
    TaskCompletionService,
    TaskIntakeService,
    TaskLogRepository,
    TaskOutputsService,
    TaskResultsService,
    TaskUploadsService,
  ],
})
export class TasksModule {}
