import { AsynchronousCallsService, eventInvokeConfig, type EventInvokeConfig } from '@app/engine';
import { Body, Controller, Delete, Get, Param, Put } from '@nestjs/common';
import { Operation } from '../openapi/operation.decorator.js';
import { Namespace } from '../shell/caller.decorator.js';
import { name } from '../shell/names.js';

@Controller('v1/functions/:name/event-invoke-config')
export class EventInvokeConfigController {
  constructor(private readonly calls: AsynchronousCallsService) {}

  @Get()
  @Operation({
    summary: 'Shows how asynchronous invocations of a function are retried, and who is told how they end',
    answer: eventInvokeConfig,
  })
  get(@Namespace() namespace: string, @Param('name', { schema: name }) functionName: string) {
    return this.calls.getConfig(namespace, functionName);
  }

  @Put()
  @Operation({
    summary: 'Sets it',
    description: 'What is left out gets its default. Invocations that were accepted before keep what was set then.',
    answer: eventInvokeConfig,
  })
  async set(
    @Namespace() namespace: string,
    @Param('name', { schema: name }) functionName: string,
    @Body({ schema: eventInvokeConfig }) config: EventInvokeConfig,
  ) {
    await this.calls.setConfig(namespace, functionName, config);
    return config;
  }

  @Delete()
  @Operation({ summary: 'Sets it back to the defaults', status: 204 })
  async reset(@Namespace() namespace: string, @Param('name', { schema: name }) functionName: string): Promise<void> {
    await this.calls.resetConfig(namespace, functionName);
  }
}
