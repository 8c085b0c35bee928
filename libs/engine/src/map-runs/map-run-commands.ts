import { Wakeups } from '@app/common';
import type { Command } from '@app/workflow';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { v7 as uuid } from 'uuid';
import type { Changes } from '../executions/changes.js';
import { CommandHandlers } from '../executions/command-handlers.js';
import { type EndedExecution, ExecutionEndings } from '../executions/execution-endings.js';
import type { StoredFrame } from '../executions/frame.repository.js';
import { MapRunEndingRepository } from './map-run-ending.repository.js';
import { MapRunRepository } from './map-run.repository.js';

/** Who moves map runs looks again when this is woken. */
export const MAP_RUNS_TOPIC = 'map-runs';

/** What executions and map runs have to do with each other, in the transactions of the executions. */
@Injectable()
export class MapRunCommands implements OnModuleInit {
  constructor(
    private readonly handlers: CommandHandlers,
    private readonly endings: ExecutionEndings,
    private readonly runs: MapRunRepository,
    private readonly ended: MapRunEndingRepository,
    private readonly wakeups: Wakeups,
  ) {}

  onModuleInit(): void {
    this.handlers.add('StartMapRun', (command, frame, changes) => this.start(command, frame, changes));
    this.handlers.add('StopMapRun', ({ step }, frame, changes) => this.stop(step, frame, changes));
    this.endings.add({
      isConcerned: ({ mapRun }) => mapRun !== undefined,
      ended: (executions) => this.childrenEnded(executions),
    });
  }

  private start(command: Extract<Command, { type: 'StartMapRun' }>, frame: StoredFrame, changes: Changes): void {
    const { step, stateName, run } = command;
    const { id: executionId, namespace } = changes.execution;
    const { items, keys, ...spec } = run;
    const id = uuid();
    changes.record(frame.id, [{ type: 'MapRunStarted', details: { mapRunArn: id } }], new Date());
    const of = { id, namespace, executionId, frameId: frame.id, step, stateName };
    const given = items && { values: [...items], ...(keys && { keys: [...keys] }) };
    if (given) changes.further.push(given);
    changes.afterwards.push(async () => {
      await this.runs.insert({
        ...of,
        spec: { ...spec, ...(items && { itemCount: items.length }) },
        items: given,
      });
      this.wakeups.wake(MAP_RUNS_TOPIC);
    });
  }

  private stop(step: number, { id: frameId }: StoredFrame, { execution, afterwards }: Changes): void {
    afterwards.push(async () => {
      await this.runs.abort({ executionId: execution.id, frameId, step });
      this.wakeups.wake(MAP_RUNS_TOPIC);
    });
  }

  private async childrenEnded(executions: readonly EndedExecution[]): Promise<void> {
    await this.ended.insert(
      executions.flatMap(({ execution: { id, mapRun }, ending: { status } }) =>
        mapRun ? [{ mapRunId: mapRun.id, executionId: id, items: mapRun.items, status }] : [],
      ),
    );
    this.wakeups.wake(MAP_RUNS_TOPIC);
  }
}
