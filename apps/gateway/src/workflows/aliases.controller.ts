import { aliasName, type NewAlias, newAlias, WorkflowAliasesService } from '@app/engine';
import { Body, Controller, Delete, Get, Param, Put } from '@nestjs/common';
import { Operation } from '../openapi/operation.decorator.js';
import { Namespace } from '../shell/caller.decorator.js';
import { name } from '../shell/names.js';
import { aliasList, aliasView, toAliasView } from './aliases.dto.js';

@Controller('v1/workflows/:name/aliases')
export class AliasesController {
  constructor(private readonly aliases: WorkflowAliasesService) {}

  @Get()
  @Operation({ summary: 'Lists the aliases of a workflow', answer: aliasList })
  async list(@Namespace() namespace: string, @Param('name', { schema: name }) workflow: string) {
    return { items: (await this.aliases.list(namespace, workflow)).map(toAliasView) };
  }

  @Get(':alias')
  @Operation({ summary: 'Shows an alias of a workflow', answer: aliasView })
  async get(
    @Namespace() namespace: string,
    @Param('name', { schema: name }) workflow: string,
    @Param('alias', { schema: aliasName }) alias: string,
  ) {
    return toAliasView(await this.aliases.get(namespace, workflow, alias));
  }

  @Put(':alias')
  @Operation({
    summary: 'Makes an alias, or moves it to other versions',
    description:
      'With two routes, executions begin with either version, as often as its weight says. Those that have begun keep theirs.',
    answer: aliasView,
  })
  async put(
    @Namespace() namespace: string,
    @Param('name', { schema: name }) workflow: string,
    @Param('alias', { schema: aliasName }) alias: string,
    @Body({ schema: newAlias }) wanted: NewAlias,
  ) {
    return toAliasView(await this.aliases.put(namespace, workflow, alias, wanted));
  }

  @Delete(':alias')
  @Operation({
    summary: 'Deletes an alias',
    description: 'Refused while a trigger starts it. The versions stay.',
    status: 204,
  })
  async delete(
    @Namespace() namespace: string,
    @Param('name', { schema: name }) workflow: string,
    @Param('alias', { schema: aliasName }) alias: string,
  ): Promise<void> {
    await this.aliases.delete(namespace, workflow, alias);
  }
}
