import { QueueModule } from '@app/queue';
import { type DynamicModule, Module } from '@nestjs/common';
import { ExecutionsModule } from '../executions/executions.module.js';
import { FunctionsModule } from '../functions/functions.module.js';
import { CachedResultsModule } from '../result-cache/cached-results.module.js';
import { TasksModule } from '../tasks/tasks.module.js';
import { InstancesService } from '../instances/instances.service.js';
import { ReservationRepository } from '../placement/reservation.repository.js';
import { ReservationsService } from '../placement/reservations.service.js';
import { AssignmentsService } from './assignments.service.js';
import { ExecutorRepository } from './executor.repository.js';
import { ExecutorsService } from './executors.service.js';
import { LeasesService } from './leases.service.js';
import { WorkersOptions } from './workers.options.js';
import { WorkersService } from './workers.service.js';

@Module({})
export class ExecutorsModule {
  static forRoot(options: WorkersOptions): DynamicModule {
    return {
      module: ExecutorsModule,
      imports: [QueueModule, ExecutionsModule, FunctionsModule, TasksModule, CachedResultsModule],
      providers: [
        AssignmentsService,
        ExecutorRepository,
        ExecutorsService,
        InstancesService,
        LeasesService,
        ReservationRepository,
        ReservationsService,
        WorkersService,
        { provide: WorkersOptions, useValue: options },
      ],
      exports: [
        CachedResultsModule,
        ExecutorsService,
        InstancesService,
        LeasesService,
        ReservationsService,
        WorkersService,
      ],
    };
  }
}
