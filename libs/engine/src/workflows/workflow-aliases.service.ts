import { Database, InvalidRequest, parse } from '@app/common';
import { Injectable } from '@nestjs/common';
import { In } from 'typeorm';
import { UsesRepository } from '../catalogue/uses.repository.js';
import { aliasName, type NewAlias, newAlias, type Route, type WorkflowAlias } from './alias.js';
import { findVisible } from './visible-workflow.js';
import { WorkflowAliasEntity } from './workflow-alias.entity.js';
import { WorkflowVersionEntity } from './workflow-version.entity.js';
import { WorkflowEntity } from './workflow.entity.js';
import { AliasInUse, AliasNotFound, WorkflowNotFound } from './workflows.errors.js';

/** Names for versions of a workflow, which can be moved from one version to another, at once or bit by bit. */
@Injectable()
export class WorkflowAliasesService {
  constructor(
    private readonly database: Database,
    private readonly uses: UsesRepository,
  ) {}

  /** Makes the alias or changes it; executions that have begun keep their version. */
  async put(namespace: string, workflow: string, name: string, wanted: NewAlias): Promise<WorkflowAlias> {
    const { description = null, routes } = parse(newAlias, wanted);
    parse(aliasName, name);
    return this.database.transaction(async () => {
      const { id } = await this.lock(namespace, workflow);
      await this.checkVersions(id, workflow, routes);
      const row = { workflowId: id, name, description, routes, updatedAt: () => 'now()' };
      await this.database.manager.upsert(WorkflowAliasEntity, row, ['workflowId', 'name']);
      return this.get(namespace, workflow, name);
    });
  }

  async get(namespace: string, workflow: string, name: string): Promise<WorkflowAlias> {
    const where = { name, workflow: { namespace, name: workflow } };
    const found = await this.database.manager.findOne(WorkflowAliasEntity, { where });
    if (!found) throw new AliasNotFound(workflow, name);
    return toAlias(workflow, found);
  }

  async list(namespace: string, workflow: string): Promise<WorkflowAlias[]> {
    const { manager } = this.database;
    const owner = await findVisible(manager, { namespace, name: workflow });
    if (!owner) throw new WorkflowNotFound(workflow);
    const rows = await manager.find(WorkflowAliasEntity, { where: { workflowId: owner.id }, order: { name: 'asc' } });
    return rows.map((row) => toAlias(workflow, row));
  }

  async delete(namespace: string, workflow: string, name: string): Promise<void> {
    await this.database.transaction(async () => {
      const { id } = await this.lock(namespace, workflow);
      const triggers = await this.uses.listTriggersOfQualifier(namespace, `${workflow}:${name}`);
      if (triggers.length > 0) throw new AliasInUse(workflow, name, triggers);
      const { affected } = await this.database.manager.delete(WorkflowAliasEntity, { workflowId: id, name });
      if (affected === 0) throw new AliasNotFound(workflow, name);
    });
  }

  /** Its row is the lock of its aliases: a trigger that is made at the same time waits for it. */
  private async lock(namespace: string, name: string): Promise<WorkflowEntity> {
    const lock = { mode: 'pessimistic_write' } as const;
    const found = await this.database.manager.findOne(WorkflowEntity, { where: { namespace, name }, lock });
    if (!found) throw new WorkflowNotFound(name);
    return found;
  }

  private async checkVersions(workflowId: string, workflow: string, routes: readonly Route[]): Promise<void> {
    const version = In(routes.map((route) => route.version));
    const rows = await this.database.manager.find(WorkflowVersionEntity, {
      where: { workflowId, version },
      select: { id: true, version: true },
    });
    const known = new Set(rows.map((row) => row.version));
    const missing = routes.flatMap((route, index) =>
      known.has(route.version)
        ? []
        : [{ pointer: `/routes/${index}/version`, message: `${workflow} has no version ${route.version}` }],
    );
    if (missing.length > 0) throw new InvalidRequest(missing);
  }
}

const toAlias = (workflow: string, row: WorkflowAliasEntity): WorkflowAlias => ({
  workflow,
  name: row.name,
  description: row.description ?? undefined,
  routes: row.routes,
  createdAt: row.createdAt,
  updatedAt: row.updatedAt,
});
