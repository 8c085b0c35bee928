import { TestStateService } from '@app/engine';
import { Body, Controller, Post } from '@nestjs/common';
import { Operation } from '../openapi/operation.decorator.js';
import { Namespace } from '../shell/caller.decorator.js';
import { type TestStateBody, testStateBody, testStateResult } from './test-state.dto.js';

@Controller('v1/workflows')
export class TestStateController {
  constructor(private readonly states: TestStateService) {}

  @Post('test-state')
  @Operation({
    summary: 'Tries out one state: what it gives, where it leads, and each step of its data',
    description: "Nothing is run or stored: what a state's work gives is said by `mock`.",
    answer: testStateResult,
  })
  async test(@Namespace() namespace: string, @Body({ schema: testStateBody }) body: TestStateBody) {
    const { definition, stateName, input, variables, mock, retryCount, mapItem } = body;
    const options = {
      ...(variables && { variables }),
      ...(mock && { mock }),
      ...(retryCount !== undefined && { retryCount }),
      ...(mapItem && { map: mapItem }),
    };
    return this.states.test(namespace, { definition, stateName, input, options });
  }
}
