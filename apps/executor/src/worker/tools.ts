import { Sandbox } from '@app/sandbox';
import { Injectable } from '@nestjs/common';
import { ExecutorConfig } from '../config.js';
import type { CodeCache } from '../files/code-cache.js';
import type { InputCache } from '../files/input-cache.js';
import { TaskFiles } from '../files/task-files.js';
import type { WorkFolders } from '../files/work-folders.js';
import { GatewayClient } from '../gateway/gateway.client.js';
import { WarmInstances } from '../warm/warm-instances.js';

/** What every task is run with. */
@Injectable()
export class Tools {
  readonly code: CodeCache;
  readonly inputs: InputCache;
  readonly folders: WorkFolders;
  readonly instances: WarmInstances['instances'];
  readonly graceMs: number;

  constructor(
    config: ExecutorConfig,
    files: TaskFiles,
    readonly gateway: GatewayClient,
    readonly sandbox: Sandbox,
    readonly warm: WarmInstances,
  ) {
    this.code = files.code;
    this.inputs = files.inputs;
    this.folders = files.folders;
    this.instances = warm.instances;
    this.graceMs = config.graceMs;
  }
}
