import { randomUUID } from 'node:crypto';
import { Database, InvalidRequest, parse, Wakeups } from '@app/common';
import { type StateMachine, type Validation, validate } from '@app/workflow';
import { Injectable } from '@nestjs/common';
import type { FindOptionsWhere } from 'typeorm';
import { z } from 'zod';
import { canonicalJson, sha256 } from '../catalogue/digest.js';
import { ImmutableCache } from '../catalogue/immutable-cache.js';
import { lockByName } from '../catalogue/lock-by-name.js';
import { NameCache } from '../catalogue/name-cache.js';
import { entityName } from '../catalogue/names.js';
import { UsesRepository } from '../catalogue/uses.repository.js';
import { FunctionsService } from '../functions/functions.service.js';
import { SYSTEM_NAMESPACE } from '../namespaces/namespaces.js';
import { chooseVersion } from './alias.js';
import { functionReferences } from './function-references.js';
import { LATEST, parseQualified, toVersion } from './qualifier.js';
import { findVisible } from './visible-workflow.js';
import { WorkflowAliasEntity } from './workflow-alias.entity.js';
import {
  type DeployedWorkflow,
  type Resolved,
  toWorkflowVersion,
  type Warning,
  type WorkflowVersion,
} from './workflow-version.js';
import { WorkflowVersionEntity } from './workflow-version.entity.js';
import { WorkflowEntity } from './workflow.entity.js';
import {
  WorkflowInUse,
  WorkflowNotFound,
  WorkflowQualifierNotFound,
  WorkflowVersionNotFound,
} from './workflows.errors.js';

const CACHED_VERSIONS = 1_000;

export const newWorkflow = z
  .strictObject({
    name: entityName,
    definition: z.record(z.string(), z.json()).meta({ description: 'A state machine in Amazon States Language' }),
  })
  .meta({ id: 'NewWorkflow' });
export type NewWorkflow = z.input<typeof newWorkflow>;

type Judge = (namespace: string, deployed: { name: string; definition: StateMachine }) => Promise<Warning[]>;

@Injectable()
export class WorkflowsService {
  private readonly judges: Judge[] = [];
  private readonly cache = new ImmutableCache<WorkflowVersion>(CACHED_VERSIONS);
  private readonly owners: NameCache<WorkflowEntity | null>;

  constructor(
    private readonly database: Database,
    private readonly functions: FunctionsService,
    private readonly uses: UsesRepository,
    wakeups: Wakeups,
  ) {
    this.owners = new NameCache(wakeups, 'workflows');
  }

  /** Makes a new version, unless exactly this was deployed before. */
  async deploy(namespace: string, wanted: NewWorkflow): Promise<DeployedWorkflow> {
    const { name, definition } = parse(newWorkflow, wanted);
    const { problems, warnings } = await this.check(namespace, definition);
    if (problems.length > 0) {
      throw new InvalidRequest(problems.map((problem) => ({ ...problem, pointer: `/definition${problem.pointer}` })));
    }
    const deployed = { name, definition: definition as unknown as StateMachine };
    const judged = await Promise.all(this.judges.map((judge) => judge(namespace, deployed)));
    return { ...(await this.save({ namespace, ...deployed })), warnings: [...warnings, ...judged.flat()] };
  }

  /** Asks whoever knows what the definition would do beyond itself; a judge that throws refuses it. */
  judgeBy(judge: Judge): void {
    this.judges.push(judge);
  }

  /** Everything that is wrong with a definition, and what probably is not meant, without deploying it. */
  async check(namespace: string, definition: unknown): Promise<Validation> {
    const { problems, warnings } = validate(definition);
    return { problems, warnings: [...warnings, ...(await this.unknownFunctions(namespace, definition))] };
  }

  /** The latest version, the caller's own before a built-in one. */
  async get(namespace: string, name: string): Promise<WorkflowVersion> {
    const found = await this.resolve(namespace, name);
    if (!found) throw new WorkflowNotFound(name);
    return found;
  }

  /** The latest version of each, built-in workflows included. */
  async list(namespace: string): Promise<WorkflowVersion[]> {
    const rows = await this.database.manager
      .createQueryBuilder(WorkflowVersionEntity, 'v')
      .innerJoinAndSelect('v.workflow', 'w', 'w.latestVersion = v.version')
      .where('w.namespace in (:...namespaces)', { namespaces: [namespace, SYSTEM_NAMESPACE] })
      .orderBy('w.name')
      .getMany();
    const own = new Set(rows.filter((row) => row.workflow.namespace === namespace).map((row) => row.workflow.name));
    return rows
      .filter(({ workflow: { namespace: home, name } }) => home === namespace || !own.has(name))
      .map(toWorkflowVersion);
  }

  async versions(namespace: string, name: string): Promise<WorkflowVersion[]> {
    const owner = await this.findOwner(namespace, name);
    if (!owner) throw new WorkflowNotFound(name);
    const rows = await this.database.manager.find(WorkflowVersionEntity, {
      where: { workflowId: owner.id },
      relations: { workflow: true },
      order: { version: 'desc' },
    });
    return rows.map(toWorkflowVersion);
  }

  /** Removes the name and all versions that no execution runs on. */
  async delete(namespace: string, name: string): Promise<void> {
    await this.database.transaction(async () => {
      const { manager } = this.database;
      const lock = { mode: 'pessimistic_write' } as const;
      const found = await manager.findOne(WorkflowEntity, { where: { namespace, name }, lock });
      if (!found) throw new WorkflowNotFound(name);
      const users = await this.usersOf(namespace, name);
      if (users.length > 0) throw new WorkflowInUse(name, users);
      await manager.delete(WorkflowEntity, { id: found.id });
      this.owners.forget();
    });
  }

  /** The version to start: the latest one, if neither a version nor an alias is asked for. */
  async resolve(namespace: string, name: string, qualifier: number | string = LATEST): Promise<Resolved | undefined> {
    const owner = await this.findOwner(namespace, name);
    if (!owner) return undefined;
    if (qualifier === LATEST) return this.versionOf(owner.id, owner.latestVersion);
    const numbered = toVersion(qualifier);
    if (numbered !== undefined) return this.versionOf(owner.id, numbered);
    const where = { workflowId: owner.id, name: String(qualifier) };
    const alias = await this.database.manager.findOneBy(WorkflowAliasEntity, where);
    const version = await this.versionOf(owner.id, alias ? chooseVersion(alias.routes, Math.random()) : undefined);
    return version && { ...version, alias: String(qualifier) };
  }

  /** As `resolve`, for what stands as `NAME`, `NAME:VERSION` or `NAME:ALIAS`; throws if it is not there. */
  async getQualified(namespace: string, text: string): Promise<Resolved> {
    const { name, qualifier } = parseQualified(text);
    const found = await this.resolve(namespace, name, qualifier);
    if (found) return found;
    if (qualifier === undefined || !(await this.resolve(namespace, name))) throw new WorkflowNotFound(name);
    throw new WorkflowQualifierNotFound(name, qualifier);
  }

  async getVersion(id: string): Promise<WorkflowVersion> {
    const found = this.cache.get(id) ?? (await this.findVersion({ id }));
    if (!found) throw new WorkflowVersionNotFound(id);
    return found;
  }

  private async findOwner(namespace: string, name: string): Promise<WorkflowEntity | null> {
    return this.owners.get(`${namespace}/${name}`, () => findVisible(this.database.manager, { namespace, name }));
  }

  private async versionOf(workflowId: string, version = 0): Promise<WorkflowVersion | undefined> {
    if (version < 1) return undefined;
    return this.cache.get(`${workflowId}:${version}`) ?? this.findVersion({ workflowId, version });
  }

  /** What would be left without its definition: triggers, and executions that still need it to go on. */
  private async usersOf(namespace: string, name: string): Promise<string[]> {
    const triggers = await this.uses.listTriggers(namespace, 'workflow', name);
    const execution = await this.uses.findExecution(namespace, name);
    return [...triggers.map((trigger) => `trigger ${trigger}`), ...(execution ? [`execution ${execution}`] : [])];
  }

  private async findVersion(where: FindOptionsWhere<WorkflowVersionEntity>): Promise<WorkflowVersion | undefined> {
    const row = await this.database.manager.findOne(WorkflowVersionEntity, { where, relations: { workflow: true } });
    if (!row) return undefined;
    const found = toWorkflowVersion(row);
    this.cache.set(`${row.workflowId}:${row.version}`, found);
    return this.cache.set(row.id, found);
  }

  private async unknownFunctions(namespace: string, definition: unknown): Promise<Warning[]> {
    const references = functionReferences(definition);
    const found = await Promise.all(
      references.map(({ name, qualifier }) => this.functions.resolve(namespace, name, qualifier)),
    );
    return references
      .filter((_, index) => found[index] === undefined)
      .map(({ pointer, name, qualifier }) => ({
        pointer,
        code: 'unknown_function',
        message: `names the function ${name}${qualifier ? `:${qualifier}` : ''}, which is not deployed yet`,
      }));
  }

  private async save(wanted: Pick<WorkflowVersion, 'namespace' | 'definition'> & { name: string }) {
    const { namespace, name, definition } = wanted;
    const digest = sha256(canonicalJson(definition));
    const { id, isNew } = await this.database.transaction(async () => {
      const { manager } = this.database;
      const owner = await lockByName(manager, WorkflowEntity, { namespace, name });
      const known = await this.findVersion({ workflowId: owner.id, digest });
      const highest = await manager.maximum(WorkflowVersionEntity, 'version', { workflowId: owner.id });
      const version = known?.version ?? (highest ?? 0) + 1;
      const row = { id: known?.id ?? randomUUID(), workflowId: owner.id, version, digest, definition };
      if (!known) await manager.insert(WorkflowVersionEntity, row as never);
      // Deploying an older version again is how one goes back to it.
      if (owner.latestVersion !== version) {
        await manager.update(WorkflowEntity, { id: owner.id }, { latestVersion: version, updatedAt: () => 'now()' });
      }
      this.owners.forget();
      return { id: row.id, isNew: !known };
    });
    return { ...(await this.getVersion(id)), isNew };
  }
}
