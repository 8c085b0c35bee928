import type { Frame } from '@app/workflow';
import { collected, type Happening } from '../executions/advance.js';
import type { Changes } from '../executions/changes.js';
import type { StoredFrame } from '../executions/frame.repository.js';
import type { MapRunRepository } from '../map-runs/map-run.repository.js';
import type { RedriveRepository } from './redrive.repository.js';

type Rows = Pick<RedriveRepository, 'find' | 'countChildren' | 'listUnsuccessful' | 'listOutputs'>;
interface Counts {
  readonly total: number;
  readonly made: number;
  readonly succeeded: number;
}

type MapRuns = Pick<MapRunRepository, 'findOfStep' | 'redrive'>;

/**
 * Puts the frames of an execution that has ended back to where they failed or were stopped. A Parallel or inline Map
 * keeps the children that have succeeded, a distributed Map its child executions; any other state begins again, with
 * the input that it had and without the retries it has used.
 */
export class Redrive {
  readonly happenings: Happening[] = [];

  constructor(
    private readonly changes: Changes,
    private readonly rows: Rows,
    private readonly mapRuns: MapRuns,
  ) {}

  async frame(id: number): Promise<void> {
    const { state: known, execution } = this.changes;
    const frame = known.frame(id) ?? (await this.rows.find(execution.id, id));
    if (!frame) return;
    known.put(frame);
    const key = { id, step: frame.state.step };
    const { total: made, succeeded } = await this.rows.countChildren(execution.id, key);
    // A Map may have failed before all of its children were made.
    const total = frame.state.children?.total ?? made;
    if (made > 0 && succeeded === total) await this.collect(frame, total);
    else if (made > 0) await this.children(frame, { total, made, succeeded });
    else if (!(await this.mapRun(frame))) this.again(frame);
  }

  /** False if the state has none. */
  private async mapRun(frame: StoredFrame): Promise<boolean> {
    const of = { executionId: this.changes.execution.id, frameId: frame.id, step: frame.state.step };
    const found = await this.mapRuns.findOfStep(of);
    if (!found) return false;
    this.changes.moveFrame(frame, { ...alive(frame.state), waiting: 'mapRun' });
    const details = { mapRunArn: found.id, redriveCount: found.redrives + 1 };
    this.changes.record(frame.id, [{ type: 'MapRunRedriven', details }], new Date());
    this.changes.afterwards.push(() => this.mapRuns.redrive(of));
    return true;
  }

  /** What failed was what became of their outputs. */
  private async collect(frame: StoredFrame, total: number): Promise<void> {
    const { step } = frame.state;
    const children = { total, started: total, finished: total };
    const outputs = await this.rows.listOutputs(this.changes.execution.id, { id: frame.id, step });
    this.changes.moveFrame(frame, { ...alive(frame.state), waiting: 'collection', children });
    this.happenings.push({ frameId: frame.id, happened: collected(step, outputs) });
  }

  /** Iterations whose turn had not come wait for it again; all that had begun go on. */
  private async children(parent: StoredFrame, { total, made, succeeded }: Counts): Promise<void> {
    const key = { id: parent.id, step: parent.state.step };
    const { execution, state: known } = this.changes;
    let waiting = 0;
    for (const id of await this.rows.listUnsuccessful(execution.id, key)) {
      const child = known.frame(id) ?? (await this.rows.find(execution.id, id));
      if (child?.state.stateName !== '') {
        await this.frame(id);
        continue;
      }
      known.put(child);
      this.changes.moveFrame(child, alive(child.state));
      child.status = 'WAITING';
      waiting++;
    }
    const { most } = parent.state.children ?? {};
    const limit = { ...(made < total && { made }), ...(most !== undefined && { most }) };
    const children = { total, started: made - waiting, finished: succeeded, ...limit };
    this.changes.moveFrame(parent, { ...alive(parent.state), waiting: 'children', children });
    if (made === total) return;
    const happened = { type: 'TimerFired', step: parent.state.step, kind: 'children' } as const;
    this.happenings.push({ frameId: parent.id, happened });
  }

  private again(frame: StoredFrame): void {
    const { stateName, input, waiting } = frame.state;
    if (stateName === '') {
      this.changes.moveFrame(frame, alive(frame.state));
      this.happenings.push({ frameId: frame.id, happened: { type: 'Started', input } });
      return;
    }
    const step = frame.state.step + 1;
    const kind = waiting === 'yield' ? 'yield' : 'retry';
    this.changes.moveFrame(frame, { ...alive(frame.state), waiting: kind, step });
    this.happenings.push({ frameId: frame.id, happened: { type: 'TimerFired', step, kind } });
  }
}

function alive({ failure: _failure, waiting: _waiting, children: _children, token: _token, ...state }: Frame): Frame {
  return { ...state, status: 'RUNNING', retries: {} };
}
