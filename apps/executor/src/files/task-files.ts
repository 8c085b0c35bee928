import { Injectable } from '@nestjs/common';
import { CodeCache } from './code-cache.js';
import { InputCache } from './input-cache.js';
import { WorkFolders } from './work-folders.js';

/** What tasks need of this machine's disk. */
@Injectable()
export class TaskFiles {
  constructor(
    readonly code: CodeCache,
    readonly inputs: InputCache,
    readonly folders: WorkFolders,
  ) {}

  /** Before the first task: what executors left here that are no longer alive. */
  async sweep(): Promise<void> {
    await this.folders.sweep();
    await this.code.sweep();
    await this.inputs.sweep();
  }
}
