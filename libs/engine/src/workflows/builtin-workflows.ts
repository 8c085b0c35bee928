import { readdir, readFile } from 'node:fs/promises';
import { join, parse } from 'node:path';
import { Injectable, Logger } from '@nestjs/common';
import { BuiltinRepository } from '../catalogue/builtin.repository.js';
import { sha256 } from '../catalogue/digest.js';
import { SYSTEM_NAMESPACE } from '../namespaces/namespaces.js';
import type { DeployedWorkflow } from './workflow-version.js';
import { type NewWorkflow, WorkflowsService } from './workflows.service.js';

/** Brings the workflows of a folder, `<name>.json`, into the namespace that everybody sees. */
@Injectable()
export class BuiltinWorkflows {
  private readonly logger = new Logger(BuiltinWorkflows.name);

  constructor(
    private readonly workflows: WorkflowsService,
    private readonly builtins: BuiltinRepository,
  ) {}

  /** Gives those that were deployed: what has not changed since the last start is left alone. */
  async deployAll(dir: string): Promise<DeployedWorkflow[]> {
    const files = (await readdir(dir)).filter((file) => file.endsWith('.json')).toSorted();
    const known = await this.builtins.digests('workflow');
    const deployed: DeployedWorkflow[] = [];
    for (const file of files) {
      const text = await readFile(join(dir, file), 'utf8');
      const { name } = parse(file);
      const digest = sha256(text);
      if (known.get(name) === digest) continue;
      const definition = JSON.parse(text) as NewWorkflow['definition'];
      const found = await this.workflows.deploy(SYSTEM_NAMESPACE, { name, definition });
      await this.builtins.save('workflow', name, digest);
      if (found.isNew) this.logger.log(`Deployed ${found.workflowName} version ${found.version}`);
      deployed.push(found);
    }
    return deployed;
  }
}
