import type { Json } from '@app/workflow';
import { Injectable } from '@nestjs/common';
import type { Execution } from './execution.js';
import { ExecutionRepository } from './execution.repository.js';
import { FrameRepository, type StoredFrame } from './frame.repository.js';

interface Parent {
  readonly id: number;
  readonly step: number;
}

/** What deciding about an execution needs to read. */
@Injectable()
export class ExecutionReader {
  constructor(
    private readonly executions: ExecutionRepository,
    private readonly frames: FrameRepository,
  ) {}

  async lock(executionId: string): Promise<Execution | undefined> {
    return this.executions.lock(executionId);
  }

  async frame(executionId: string, id: number): Promise<StoredFrame | undefined> {
    return this.frames.find(executionId, id);
  }

  lookups(executionId: string) {
    return {
      child: (parent: Parent, index: number): Promise<StoredFrame | undefined> =>
        this.frames.findChild(executionId, parent, index),
      outputs: (parent: Parent): Promise<Json[]> => this.frames.listOutputs(executionId, parent),
    };
  }
}
