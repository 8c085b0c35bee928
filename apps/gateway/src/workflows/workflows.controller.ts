import { type DeployedWorkflow, type NewWorkflow, newWorkflow, WorkflowsService } from '@app/engine';
import { Body, Controller, Delete, Get, Param, Post, Put } from '@nestjs/common';
import { Operation } from '../openapi/operation.decorator.js';
import { Namespace } from '../shell/caller.decorator.js';
import { name } from '../shell/names.js';
import {
  type ChangedWorkflow,
  changedWorkflow,
  deployedWorkflow,
  toWorkflowView,
  type ValidateBody,
  validateBody,
  validation,
  versionNumber,
  workflowList,
  workflowView,
} from './workflows.dto.js';

@Controller('v1/workflows')
export class WorkflowsController {
  constructor(private readonly workflows: WorkflowsService) {}

  @Post()
  @Operation({
    summary: 'Deploys a workflow',
    description: 'Makes a new version, unless exactly this was deployed before. Running executions keep theirs.',
    status: 201,
    answer: deployedWorkflow,
  })
  async deploy(@Namespace() namespace: string, @Body({ schema: newWorkflow }) wanted: NewWorkflow) {
    return toDeployed(await this.workflows.deploy(namespace, wanted));
  }

  @Post('validate')
  @Operation({ summary: 'Says everything that is wrong with a definition, without deploying it', answer: validation })
  async validate(@Namespace() namespace: string, @Body({ schema: validateBody }) { definition }: ValidateBody) {
    const { problems, warnings } = await this.workflows.check(namespace, definition);
    return { valid: problems.length === 0, problems, warnings };
  }

  @Get()
  @Operation({ summary: 'Lists workflows, built-in ones included, with their latest version', answer: workflowList })
  async list(@Namespace() namespace: string) {
    return { items: (await this.workflows.list(namespace)).map(toWorkflowView) };
  }

  @Get(':name')
  @Operation({ summary: 'Shows the latest version of a workflow', answer: workflowView })
  async get(@Namespace() namespace: string, @Param('name', { schema: name }) workflow: string) {
    return toWorkflowView(await this.workflows.get(namespace, workflow));
  }

  @Put(':name')
  @Operation({ summary: 'Deploys a new version of a workflow, or a new workflow', answer: deployedWorkflow })
  async put(
    @Namespace() namespace: string,
    @Param('name', { schema: name }) workflow: string,
    @Body({ schema: changedWorkflow }) { definition }: ChangedWorkflow,
  ) {
    return toDeployed(await this.workflows.deploy(namespace, { name: workflow, definition }));
  }

  @Get(':name/versions')
  @Operation({ summary: 'Lists the versions of a workflow, newest first', answer: workflowList })
  async versions(@Namespace() namespace: string, @Param('name', { schema: name }) workflow: string) {
    return { items: (await this.workflows.versions(namespace, workflow)).map(toWorkflowView) };
  }

  @Get(':name/versions/:version')
  @Operation({ summary: 'Shows a version of a workflow', answer: workflowView })
  async version(
    @Namespace() namespace: string,
    @Param('name', { schema: name }) workflow: string,
    @Param('version', { schema: versionNumber }) version: number,
  ) {
    return toWorkflowView(await this.workflows.getQualified(namespace, `${workflow}:${version}`));
  }

  @Delete(':name')
  @Operation({
    summary: 'Deletes a workflow with all its versions',
    description: 'Refused while a trigger starts it or an execution runs it.',
    status: 204,
  })
  async delete(@Namespace() namespace: string, @Param('name', { schema: name }) workflow: string): Promise<void> {
    await this.workflows.delete(namespace, workflow);
  }
}

const toDeployed = (deployed: DeployedWorkflow) => ({ ...toWorkflowView(deployed), warnings: deployed.warnings });
