import { type StateToTest, TestStateService } from '@app/engine';
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
    const { definition, stateName, input, context, stateConfiguration: configuration = {} } = body;
    const { errorCausedByState: errorFrom } = configuration;
    const { fieldValidationMode } = body.mock ?? {};
    const options = optionsOf(body);
    const tested = { definition, stateName, input, context, errorFrom, fieldValidationMode, options } as StateToTest;
    const { inspectionData, ...result } = await this.states.test(namespace, tested);
    return body.inspectionLevel === 'INFO' ? result : { ...result, inspectionData };
  }
}

function optionsOf({ variables, mock, retryCount, mapItem, stateConfiguration = {} }: TestStateBody) {
  const { retrierRetryCount = retryCount, mapIterationFailureCount, mapItemReaderData } = stateConfiguration;
  return {
    ...(variables && { variables }),
    ...(mock && { mock: mockOf(mock) }),
    ...(retrierRetryCount !== undefined && { retryCount: retrierRetryCount }),
    ...(mapItem && { map: mapItem }),
    mapTrial: {
      ...(mapIterationFailureCount !== undefined && { failedItems: mapIterationFailureCount }),
      ...(mapItemReaderData !== undefined && { readerData: mapItemReaderData }),
    },
  };
}

function mockOf(mock: NonNullable<TestStateBody['mock']>) {
  if ('result' in mock) return { result: mock.result };
  return { error: 'errorOutput' in mock ? mock.errorOutput : mock.error };
}
