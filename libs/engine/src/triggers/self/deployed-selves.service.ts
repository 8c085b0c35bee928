import { Database, InvalidRequest } from '@app/common';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import type { Warning } from '../../workflows/workflow-version.js';
import { WorkflowsService } from '../../workflows/workflows.service.js';
import { type ObjectTrigger, toTrigger } from '../trigger.js';
import { TriggerEntity } from '../trigger.entity.js';
import { type NewDefinition, SelfTriggersService, shown } from './self-triggers.service.js';

/** Each is followed through what it starts: with more of them, deploying would take seconds. */
const MAX_TRIGGERS = 500;
const MAX_WARNINGS = 20;

/** Judges triggers again when what they start is deployed anew: it may write now to where they listen. */
@Injectable()
export class DeployedSelvesService implements OnModuleInit {
  constructor(
    private readonly database: Database,
    private readonly workflows: WorkflowsService,
    private readonly selves: SelfTriggersService,
  ) {}

  onModuleInit(): void {
    this.workflows.judgeBy((namespace, deploying) => this.judge(namespace, deploying));
  }

  private async judge(namespace: string, deploying: NewDefinition): Promise<Warning[]> {
    const warnings: Warning[] = [];
    for (const trigger of await this.listListening(namespace)) {
      const { sure, unsure } = await this.selves.findingsBehind(namespace, trigger as never, deploying);
      const name = `the trigger ${trigger.name}`;
      if (sure) {
        const message = `makes ${name} start itself again and again: ${sure.by} writes ${shown(sure)}, where it listens`;
        throw new InvalidRequest([{ pointer: '/definition', message }]);
      }
      for (const write of unsure.slice(0, 1)) {
        const message = `${write.by} writes ${shown(write)}, which may be where ${name} listens that starts it`;
        warnings.push({ pointer: '', code: 'self_trigger', message });
      }
    }
    return warnings.slice(0, MAX_WARNINGS);
  }

  private async listListening(namespace: string): Promise<ObjectTrigger[]> {
    const where = { namespace, kind: 'object', enabled: true } as const;
    const rows = await this.database.manager.find(TriggerEntity, { where, order: { name: 'asc' }, take: MAX_TRIGGERS });
    return rows.map(toTrigger).filter((one): one is ObjectTrigger => one.kind === 'object' && 'workflow' in one.target);
  }
}
