import { describe, expect, it } from '@jest/globals';
import type { State } from './definition.js';
import type { Json, Surroundings } from './model.js';
import { MockMissing, type TestStateOptions, testState } from './test-state.js';

const around: Surroundings = {
  execution: { id: 'e', name: 'n', input: {}, startTime: '2026-01-01T00:00:00.000Z' },
  stateMachine: { id: 'w', name: 'demo' },
  now: Date.UTC(2026, 0, 1),
  random: () => 0.5,
  uuid: () => 'u',
};
const run = (state: State, input: Json, options: Partial<TestStateOptions> = {}) =>
  testState(state, input, { around, ...options });

const work: State = {
  Type: 'Task',
  Resource: 'function:work',
  InputPath: '$.order',
  Parameters: { 'id.$': '$.id' },
  ResultSelector: { 'price.$': '$.price' },
  ResultPath: '$.priced',
  OutputPath: '$.priced',
  Assign: { 'last.$': '$.price' },
  Retry: [{ ErrorEquals: ['Busy'], IntervalSeconds: 3, MaxAttempts: 2 }],
  Catch: [
    { ErrorEquals: ['Other'], Next: 'Never' },
    { ErrorEquals: ['States.ALL'], ResultPath: '$.error', Assign: { 'why.$': '$.Error' }, Next: 'Sorry' },
  ],
  Next: 'After',
};
const input = { order: { id: 7 } };

describe('testState', () => {
  it('shows every step of the data in JSONPath', () => {
    expect(run(work, input, { mock: { result: { price: 5, rest: 1 } }, variables: { old: 1 } })).toEqual({
      status: 'SUCCEEDED',
      output: { price: 5 },
      nextState: 'After',
      inspectionData: {
        input,
        afterInputPath: { id: 7 },
        afterParameters: { id: 7 },
        result: { price: 5, rest: 1 },
        afterResultSelector: { price: 5 },
        afterResultPath: { order: { id: 7 }, priced: { price: 5 } },
        variables: { old: 1, last: 5 },
      },
    });
  });

  it('shows every step of the data in JSONata', () => {
    const state: State = {
      Type: 'Task',
      Resource: 'function:work',
      Arguments: { id: '{% $states.input.order.id + $add %}' },
      Output: '{% $states.result.price %}',
      Assign: { seen: '{% $states.context.State.Name %}' },
      End: true,
    };
    const options = {
      queryLanguage: 'JSONata',
      variables: { add: 1 },
      mock: { result: { price: 5 } },
      stateName: 'Buy',
    } as const;
    expect(run(state, input, options)).toEqual({
      status: 'SUCCEEDED',
      output: 5,
      inspectionData: {
        input,
        afterArguments: { id: 8 },
        result: { price: 5 },
        variables: { add: 1, seen: 'Buy' },
      },
    });
  });

  it('knows how often it was tried before, by its retriers or as it is told', () => {
    const state: State = {
      Type: 'Task',
      Resource: 'function:work',
      ResultSelector: { 'tries.$': '$$.State.RetryCount' },
      End: true,
    };
    const tries = (options: Partial<TestStateOptions>) =>
      run(state, input, { mock: { result: {} }, ...options }).output;
    expect([tries({}), tries({ retriesBefore: 3 })]).toEqual([{ tries: 0 }, { tries: 3 }]);
    const again = { mock: { error: { error: 'Busy', cause: '' } }, retryCount: 1, retriesBefore: 3 };
    expect(run(work, input, again).inspectionData['errorDetails']).toMatchObject({ retryBackoffIntervalSeconds: 6 });
  });

  it('says that a mocked error would be tried again, and when', () => {
    const result = run(work, input, { mock: { error: { error: 'Busy', cause: 'no slot' } }, retryCount: 1 });
    expect(result).toMatchObject({ status: 'RETRIABLE', error: 'Busy', cause: 'no slot' });
    expect(result.inspectionData['errorDetails']).toEqual({ retryIndex: 0, retryBackoffIntervalSeconds: 6 });
  });

  it('catches a mocked error when its retries are used up', () => {
    const result = run(work, input, { mock: { error: { error: 'Busy', cause: 'no slot' } }, retryCount: 2 });
    expect(result).toMatchObject({
      status: 'CAUGHT_ERROR',
      error: 'Busy',
      nextState: 'Sorry',
      output: { order: { id: 7 }, error: { Error: 'Busy', Cause: 'no slot' } },
      inspectionData: { errorDetails: { catchIndex: 1 }, variables: { why: 'Busy' } },
    });
  });

  it('fails with an error that nothing handles', () => {
    const { Retry: _r, Catch: _c, ...bare } = work as Extract<State, { Type: 'Task' }>;
    const result = run(bare, input, { mock: { error: { error: 'Busy', cause: '' } } });
    expect(result).toMatchObject({ status: 'FAILED', error: 'Busy' });
  });

  it('fails where the data flow fails, with the steps before', () => {
    const result = run(work, input, { mock: { result: {} } });
    expect(result).toMatchObject({
      status: 'FAILED',
      error: 'States.Runtime',
      inspectionData: { afterParameters: { id: 7 }, result: {} },
    });
    expect(result.cause).toBe(
      "The JSONPath '$.price' specified for the field 'price.$' could not be found in the input '{}'",
    );
  });

  it('fails, and does not catch again, when a catcher fails', () => {
    const state: State = {
      Type: 'Task',
      Resource: 'function:work',
      QueryLanguage: 'JSONata',
      Catch: [{ ErrorEquals: ['States.ALL'], Output: '{% $states.errorOutput.nope %}', Next: 'X' }],
      End: true,
    };
    const result = run(state, {}, { mock: { error: { error: 'Busy', cause: '' } } });
    expect(result).toMatchObject({ status: 'FAILED', error: 'States.QueryEvaluationError' });
    expect(result.cause).toContain("specified for the field 'Catch[0]/Output' returned nothing");
  });

  it("shows a Pass state's data as AWS does", () => {
    const Result = { a: 1 };
    expect(run({ Type: 'Pass', Result, End: true }, 1).inspectionData).toEqual({
      input: 1,
      result: Result,
      afterResultSelector: Result,
      afterResultPath: Result,
    });
    expect(run({ Type: 'Pass', End: true }, 1).inspectionData).toEqual({
      input: 1,
      afterInputPath: 1,
      afterParameters: 1,
      afterResultSelector: 1,
      afterResultPath: 1,
    });
  });

  it('leads where a Choice state leads, and does not wait', () => {
    const choice: State = {
      Type: 'Choice',
      Choices: [{ Variable: '$.n', NumericEquals: 1, Next: 'One' }],
      Default: 'Else',
    };
    expect(run(choice, { n: 1 })).toMatchObject({ status: 'SUCCEEDED', nextState: 'One', output: { n: 1 } });
    expect(run(choice, { n: 2 })).toMatchObject({ nextState: 'Else' });
    expect(run({ Type: 'Wait', Seconds: 1000, Next: 'A' }, 5)).toMatchObject({ output: 5, nextState: 'A' });
  });

  it('ends with the failure of a Fail state', () => {
    expect(run({ Type: 'Fail', Error: 'E', Cause: 'c' }, {})).toMatchObject({
      status: 'FAILED',
      error: 'E',
      cause: 'c',
    });
  });

  it('takes the mocked results of a Map or Parallel state', () => {
    const inner = { StartAt: 'I', States: { I: { Type: 'Pass', End: true } } } as const;
    const map: State = { Type: 'Map', ItemProcessor: inner, ItemsPath: '$.list', ResultPath: '$.done', End: true };
    expect(run(map, { list: [1] }, { mock: { result: ['a'] } })).toMatchObject({ output: { list: [1], done: ['a'] } });
    const parallel: State = { Type: 'Parallel', Branches: [inner], End: true };
    expect(run(parallel, 1, { mock: { result: [2] } })).toMatchObject({ output: [2] });
  });

  describe('of a Map state', () => {
    const inner = { StartAt: 'I', States: { I: { Type: 'Pass', End: true } } } as const;
    const distributed = { ...inner, ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' } } as const;
    const mock = { result: [1, 2, 3] };

    it('shows what its iterations would begin with', () => {
      const map: State = {
        Type: 'Map',
        ItemProcessor: inner,
        ItemsPath: '$.list',
        ItemSelector: { 'at.$': '$$.Map.Item.Index', 'of.$': '$.of' },
        MaxConcurrencyPath: '$.most',
        End: true,
      };
      const given = { list: ['a', 'b'], of: 9, most: 4 };
      expect(run(map, given, { mock }).inspectionData).toEqual({
        input: given,
        afterInputPath: given,
        afterItemsPath: ['a', 'b'],
        afterItemSelector: [
          { at: 0, of: 9 },
          { at: 1, of: 9 },
        ],
        maxConcurrency: 4,
        afterResultSelector: [1, 2, 3],
        afterResultPath: [1, 2, 3],
      });
    });

    it('shows batches and tolerances of a distributed one', () => {
      const map: State = {
        Type: 'Map',
        QueryLanguage: 'JSONata',
        Items: '{% $states.input %}',
        ItemBatcher: { MaxItemsPerBatch: 2, BatchInput: { run: 7 } },
        ItemProcessor: distributed,
        ToleratedFailurePercentage: 50,
        End: true,
      };
      expect(run(map, ['a', 'b', 'c'], { mock }).inspectionData).toEqual({
        input: ['a', 'b', 'c'],
        afterItemBatcher: [
          { BatchInput: { run: 7 }, Items: ['a', 'b'] },
          { BatchInput: { run: 7 }, Items: ['c'] },
        ],
        maxConcurrency: 0,
        toleratedFailurePercentage: 50,
      });
    });

    it('reads what its ItemReader would read', () => {
      const map: State = {
        Type: 'Map',
        ItemReader: {
          Resource: 'arn:aws:states:::s3:getObject',
          ReaderConfig: { InputType: 'CSV', CSVHeaderLocation: 'FIRST_ROW' },
          Parameters: { Bucket: 'b', Key: 'k' },
        },
        ItemSelector: { 'name.$': '$$.Map.Item.Value.name' },
        ItemProcessor: distributed,
        End: true,
      };
      const read = (readerData: string) => run(map, {}, { mock, mapTrial: { readerData } }).inspectionData;
      expect(read('name,n\nAnn,1\nBob,2')).toMatchObject({ afterItemSelector: [{ name: 'Ann' }, { name: 'Bob' }] });
      expect(run(map, {}, { mock }).inspectionData).not.toHaveProperty('afterItemSelector');
    });

    it('fails with more failures than it tolerates, which Retry and Catch know', () => {
      const map: State = {
        Type: 'Map',
        ItemProcessor: distributed,
        ToleratedFailureCount: 1,
        Catch: [{ ErrorEquals: ['States.ExceedToleratedFailureThreshold'], Next: 'Sorry' }],
        End: true,
      };
      const tried = (failedItems: number, more: object = {}) =>
        run({ ...map, ...more } as State, [1, 2, 3], { mock, mapTrial: { failedItems } });
      expect(tried(1)).toMatchObject({ status: 'SUCCEEDED', inspectionData: { toleratedFailureCount: 1 } });
      expect(tried(2)).toMatchObject({
        status: 'CAUGHT_ERROR',
        error: 'States.ExceedToleratedFailureThreshold',
        cause: 'The specified tolerated failure threshold was exceeded',
        nextState: 'Sorry',
      });
      expect(tried(2, { ToleratedFailureCount: undefined })).toMatchObject({ status: 'SUCCEEDED' });
    });
  });

  it('does no work: without a mock it says what is missing', () => {
    expect(() => run(work, input)).toThrow(MockMissing);
  });
});
