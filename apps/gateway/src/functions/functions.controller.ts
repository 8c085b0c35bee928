import { FunctionsService, type NewFunction, newFunction } from '@app/engine';
import { Body, Controller, Delete, Get, Param, Post } from '@nestjs/common';
import { Operation } from '../openapi/operation.decorator.js';
import { Namespace } from '../shell/caller.decorator.js';
import { name } from '../shell/names.js';
import { functionList, functionView, toFunctionView } from './functions.dto.js';

@Controller('v1/functions')
export class FunctionsController {
  constructor(private readonly functions: FunctionsService) {}

  @Post()
  @Operation({
    summary: 'Deploys a function',
    description:
      'Makes a new version, unless exactly this was deployed before: then it is that version again, and the latest.',
    status: 201,
    answer: functionView,
  })
  async deploy(@Namespace() namespace: string, @Body({ schema: newFunction }) wanted: NewFunction) {
    return toFunctionView(await this.functions.deploy(namespace, wanted));
  }

  @Get()
  @Operation({ summary: 'Lists functions, built-in ones included, with their latest version', answer: functionList })
  async list(@Namespace() namespace: string) {
    return { items: (await this.functions.list(namespace)).map(toFunctionView) };
  }

  @Get(':name')
  @Operation({ summary: 'Shows the latest version of a function', answer: functionView })
  async get(@Namespace() namespace: string, @Param('name', { schema: name }) functionName: string) {
    return toFunctionView(await this.functions.get(namespace, functionName));
  }

  @Get(':name/versions')
  @Operation({ summary: 'Lists the versions of a function, newest first', answer: functionList })
  async versions(@Namespace() namespace: string, @Param('name', { schema: name }) functionName: string) {
    return { items: (await this.functions.versions(namespace, functionName)).map(toFunctionView) };
  }

  @Delete(':name')
  @Operation({
    summary: 'Deletes a function with all its versions',
    description: 'Refused while a trigger starts it. What runs goes on.',
    status: 204,
  })
  async delete(@Namespace() namespace: string, @Param('name', { schema: name }) functionName: string): Promise<void> {
    await this.functions.delete(namespace, functionName);
  }
}
