import { Database } from '@app/common';
import { Injectable, Logger } from '@nestjs/common';
import { WorkersOptions } from '../executors/workers.options.js';
import { ReservationRepository } from './reservation.repository.js';
import { reservations } from './reservations.js';

/** Keeps executors free for tasks that would wait for ever behind smaller ones. */
@Injectable()
export class ReservationsService {
  private readonly logger = new Logger(ReservationsService.name);

  constructor(
    private readonly database: Database,
    private readonly repository: ReservationRepository,
    private readonly options: WorkersOptions,
  ) {}

  /** Gives back how many were made. One process at a time decides. */
  async reserve(): Promise<number> {
    return this.database.transaction(async () => {
      if (!(await this.repository.lock())) return 0;
      await this.repository.deleteEnded();
      const starving = await this.repository.listStarving(this.options.reserveAfterSeconds);
      if (starving.length === 0) return 0;
      const made = reservations(starving, await this.repository.listCandidates());
      for (const one of made) {
        await this.repository.save(one);
        this.logger.log(`Executor ${one.executorId} is kept free for task ${one.taskId}, which has waited long`);
      }
      return made.length;
    });
  }
}
