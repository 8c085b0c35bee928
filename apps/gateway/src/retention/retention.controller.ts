import { RetentionPoliciesService, type RetentionPolicy, retentionPolicy } from '@app/engine';
import { Body, Controller, Get, Put } from '@nestjs/common';
import { Operation } from '../openapi/operation.decorator.js';
import { Namespace } from '../shell/caller.decorator.js';

@Controller('v1/retention')
export class RetentionController {
  constructor(private readonly policies: RetentionPoliciesService) {}

  @Get()
  @Operation({ summary: 'Shows for how many days the namespace keeps what', answer: retentionPolicy })
  async get(@Namespace() namespace: string) {
    return this.policies.get(namespace);
  }

  @Put()
  @Operation({
    summary: 'Says for how many days the namespace keeps what',
    description:
      'What is not named is kept as long as the default says. What is too old then is removed within minutes.',
    answer: retentionPolicy,
  })
  async replace(@Namespace() namespace: string, @Body({ schema: retentionPolicy }) policy: RetentionPolicy) {
    return this.policies.replace(namespace, policy);
  }
}
