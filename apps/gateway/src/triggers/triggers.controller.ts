import { type NewTrigger, newTrigger, TriggersService } from '@app/engine';
import { Body, Controller, Delete, Get, Param, Post, Put } from '@nestjs/common';
import { Operation } from '../openapi/operation.decorator.js';
import { Namespace } from '../shell/caller.decorator.js';
import { name } from '../shell/names.js';
import { type ChangedTrigger, changedTrigger, toTriggerView, triggerList, triggerView } from './triggers.dto.js';

@Controller('v1/triggers')
export class TriggersController {
  constructor(private readonly triggers: TriggersService) {}

  @Post()
  @Operation({ summary: 'Makes a trigger: events of its source start its target', status: 201, answer: triggerView })
  async create(@Namespace() namespace: string, @Body({ schema: newTrigger }) wanted: NewTrigger) {
    return toTriggerView(await this.triggers.create(namespace, wanted));
  }

  @Get()
  @Operation({ summary: 'Lists triggers', answer: triggerList })
  async list(@Namespace() namespace: string) {
    return { items: (await this.triggers.list(namespace)).map(toTriggerView) };
  }

  @Get(':name')
  @Operation({ summary: 'Shows a trigger', answer: triggerView })
  async get(@Namespace() namespace: string, @Param('name', { schema: name }) trigger: string) {
    return toTriggerView(await this.triggers.get(namespace, trigger));
  }

  @Put(':name')
  @Operation({ summary: 'Replaces a trigger', answer: triggerView })
  async update(
    @Namespace() namespace: string,
    @Param('name', { schema: name }) trigger: string,
    @Body({ schema: changedTrigger }) wanted: ChangedTrigger,
  ) {
    return toTriggerView(await this.triggers.update(namespace, trigger, wanted));
  }

  @Post(':name/pause')
  @Operation({ summary: 'Lets a trigger rest; one of a topic keeps its place', answer: triggerView })
  async pause(@Namespace() namespace: string, @Param('name', { schema: name }) trigger: string) {
    return toTriggerView(await this.triggers.pause(namespace, trigger));
  }

  @Post(':name/resume')
  @Operation({ summary: 'Lets a trigger go on', answer: triggerView })
  async resume(@Namespace() namespace: string, @Param('name', { schema: name }) trigger: string) {
    return toTriggerView(await this.triggers.resume(namespace, trigger));
  }

  @Delete(':name')
  @Operation({ summary: 'Deletes a trigger; what it started goes on', status: 204 })
  async delete(@Namespace() namespace: string, @Param('name', { schema: name }) trigger: string): Promise<void> {
    await this.triggers.delete(namespace, trigger);
  }
}
