import { Injectable } from '@nestjs/common';
import type { Execution } from '../executions/execution.js';
import { ProgressRepository } from './progress.repository.js';
import { type EarlierState, type ExecutionProgress, rollup } from './rollup.js';

const KEPT = 1_000;
const FRESH_MS = 1_000;

/** How far executions are, from what their tasks say of themselves. */
@Injectable()
export class ProgressService {
  /** What an earlier execution was like does not change. */
  private readonly earlier = new Map<string, readonly EarlierState[]>();
  private readonly latest = new Map<
    string,
    { readonly at: number; readonly progress: ExecutionProgress | undefined }
  >();

  constructor(private readonly progress: ProgressRepository) {}

  /** Undefined of one that has ended, or has no tasks yet. It may be a second old: many look, and there may be many tasks. */
  async of(execution: Execution): Promise<ExecutionProgress | undefined> {
    if (execution.status !== 'RUNNING') return undefined;
    const known = this.latest.get(execution.id);
    if (known && performance.now() - known.at < FRESH_MS) return known.progress;
    const progress = await this.read(execution);
    keep(this.latest, execution.id, { at: performance.now(), progress });
    return progress;
  }

  private async read({ id, workflowVersionId, startedAt }: Execution): Promise<ExecutionProgress | undefined> {
    const now = await this.progress.tasksByState(id);
    if (now.length === 0) return undefined;
    const earlier = this.earlier.get(id) ?? (await this.readEarlier(id, workflowVersionId));
    return rollup(now, earlier, (Date.now() - startedAt.getTime()) / 1_000);
  }

  private async readEarlier(id: string, versionId: string): Promise<readonly EarlierState[]> {
    const earlier = await this.progress.earlierStates(id, versionId);
    keep(this.earlier, id, earlier);
    return earlier;
  }
}

/** The newest are kept. */
function keep<Value>(map: Map<string, Value>, key: string, value: Value): void {
  map.delete(key);
  map.set(key, value);
  const [oldest] = map.keys();
  if (map.size > KEPT && oldest !== undefined) map.delete(oldest);
}
