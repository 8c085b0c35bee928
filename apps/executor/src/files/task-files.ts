import { Injectable } from '@nestjs/common';
import { CodeCache } from './code-cache.js';
import { WorkFolders } from './work-folders.js';

/** What tasks need of this machine's disk. */
@Injectable()
export class TaskFiles {
  constructor(
    readonly code: CodeCache,
    readonly folders: WorkFolders,
  ) {}
}
