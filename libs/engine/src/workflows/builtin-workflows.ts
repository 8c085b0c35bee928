import { readdir, readFile } from 'node:fs/promises';
import { join, parse } from 'node:path';
import { Injectable, Logger } from '@nestjs/common';
import { SYSTEM_NAMESPACE } from '../namespaces/namespaces.js';
import type { DeployedWorkflow } from './workflow-version.js';
import { type NewWorkflow, WorkflowsService } from './workflows.service.js';

/** Brings the workflows of a folder, `<name>.json`, into the namespace that everybody sees. */
@Injectable()
export class BuiltinWorkflows {
  private readonly logger = new Logger(BuiltinWorkflows.name);

  constructor(private readonly workflows: WorkflowsService) {}

  async deployAll(dir: string): Promise<DeployedWorkflow[]> {
    const files = (await readdir(dir)).filter((file) => file.endsWith('.json')).toSorted();
    const deployed: DeployedWorkflow[] = [];
    for (const file of files) {
      const definition = JSON.parse(await readFile(join(dir, file), 'utf8')) as NewWorkflow['definition'];
      const found = await this.workflows.deploy(SYSTEM_NAMESPACE, { name: parse(file).name, definition });
      if (found.isNew) this.logger.log(`Deployed ${found.workflowName} version ${found.version}`);
      deployed.push(found);
    }
    return deployed;
  }
}
