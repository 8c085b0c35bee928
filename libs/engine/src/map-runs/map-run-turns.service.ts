import { AslFailure, THRESHOLD_EXCEEDED, tolerated } from '@app/workflow';
import { Injectable, Logger } from '@nestjs/common';
import { ItemFeedsService } from './item-feeds.service.js';
import { type MapRun, runningChildren, totalItems, unsuccessfulItems } from './map-run.js';
import { MapRunAnswersService } from './map-run-answers.service.js';
import { MapRunChildrenService } from './map-run-children.service.js';
import { type MapRunParent, MapRunParentsService } from './map-run-parents.service.js';
import { MapRunRepository } from './map-run.repository.js';

const LEASE_SECONDS = 60;
/** A hint that a child has ended may be lost. */
const REST_SECONDS = 5;
/** After a turn that failed: the object store may be back by then. */
const RETRY_SECONDS = 2;
/** AWS' limit, for what asks for no other. */
const MOST_CONCURRENT = 10_000;
/** Children of one turn: few enough that other map runs are not kept waiting, and that a lease does not run out. */
const CHUNK = 500;
const ENDINGS = 20_000;

/**
 * Moves map runs on, one turn at a time: counts the children that have ended, begins the next ones, and at the end
 * answers the state that waits. A turn may break off anywhere, and is made again.
 */
@Injectable()
export class MapRunTurnsService {
  private readonly logger = new Logger(MapRunTurnsService.name);

  constructor(
    private readonly runs: MapRunRepository,
    private readonly parents: MapRunParentsService,
    private readonly feeds: ItemFeedsService,
    private readonly children: MapRunChildrenService,
    private readonly answers: MapRunAnswersService,
  ) {}

  /** How many map runs had a turn. */
  async runDue(limit: number): Promise<number> {
    const due = await this.runs.claim(limit, LEASE_SECONDS);
    await Promise.all(due.map((run) => this.turn(run)));
    return due.length;
  }

  async nextInMs(): Promise<number | undefined> {
    return this.runs.nextInMs();
  }

  private async turn(claimed: MapRun): Promise<void> {
    try {
      const counts = await this.children.countEnded(claimed, ENDINGS);
      await this.runs.release(claimed, await this.work({ ...claimed, counts }));
    } catch (error) {
      this.logger.error(`Map run ${claimed.id}: ${error}`);
      await this.feeds.close(claimed.id);
      await this.runs.release(claimed, RETRY_SECONDS);
    }
  }

  /** Gives the seconds until the next turn, if no child ends before. */
  private async work(run: MapRun): Promise<number> {
    if (run.status !== 'RUNNING') return this.windDown(run);
    if (!tolerated(failures(run), run.spec)) {
      await this.answers.fail(run, THRESHOLD_EXCEEDED);
      return 0;
    }
    const parent = await this.parents.find(run);
    if (!parent) {
      // The state was stopped with what is above it, or is over: nobody waits.
      await this.runs.end(run, 'ABORTED');
      return 0;
    }
    try {
      return await this.goOn(run, parent);
    } catch (error) {
      if (!(error instanceof AslFailure)) throw error;
      await this.answers.fail(run, { error: error.error, cause: error.cause as string });
      return 0;
    }
  }

  private async goOn(run: MapRun, parent: MapRunParent): Promise<number> {
    if (await this.children.redrive(run, CHUNK)) return 0;
    const room = (run.spec.maxConcurrency || MOST_CONCURRENT) - runningChildren(run);
    const begun = run.position.atEnd || room <= 0 ? run : await this.beginMore(run, parent, Math.min(CHUNK, room));
    if (begun !== run) return 0;
    if (!run.position.atEnd || runningChildren(run) > 0) return REST_SECONDS;
    await this.answers.succeed(run);
    return 0;
  }

  /** The children first, then how far they have come: after a crash they are begun again, where they have not. */
  private async beginMore(run: MapRun, parent: MapRunParent, count: number): Promise<MapRun> {
    const feed = await this.feeds.at(run, parent);
    const next = await feed.take(count);
    await this.children.begin(run, parent, next);
    const { position } = feed;
    await this.runs.savePosition(run, position);
    if (position.atEnd) await this.feeds.close(run.id);
    return { ...run, position };
  }

  private async windDown(run: MapRun): Promise<number> {
    await this.feeds.close(run.id);
    if (await this.children.stop(run, CHUNK)) return 0;
    await this.answers.close(run);
    return 0;
  }
}

function failures(run: MapRun): { failed: number; total?: number } {
  const total = totalItems(run);
  return { failed: unsuccessfulItems(run), ...(total !== undefined && { total }) };
}
