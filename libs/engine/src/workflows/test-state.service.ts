import { InvalidRequest } from '@app/common';
import {
  type Json,
  MockMissing,
  type State,
  testState,
  type TestStateOptions,
  type TestStateResult,
} from '@app/workflow';
import { Injectable } from '@nestjs/common';
import { PayloadOptions } from '../payloads/payload-options.js';
import { checkMock, type FieldValidationMode } from './mock-fields.js';
import { checkOrigin, checkToken, surroundingsOf, type TestContext } from './test-context.js';
import { WorkflowsService } from './workflows.service.js';

/** A state by itself, or one of a definition that is given whole. */
export interface StateToTest {
  readonly definition: { readonly [field: string]: Json };
  readonly stateName?: string | undefined;
  readonly input: Json;
  readonly options: Pick<TestStateOptions, 'variables' | 'mock' | 'retryCount' | 'map' | 'mapTrial'>;
  readonly context?: TestContext | undefined;
  /** How exactly a mocked result must be what the integration gives: STRICT, if not said. */
  readonly fieldValidationMode?: FieldValidationMode | undefined;
  /** The state inside of the Parallel or Map state that the mocked error is from. */
  readonly errorFrom?: string | undefined;
}

interface Chosen {
  readonly state: State;
  readonly name: string;
  /** Where it stands in what was given. */
  readonly pointer: string;
  readonly machine: { readonly [field: string]: Json };
}

/** Tries out one state without running anything. */
@Injectable()
export class TestStateService {
  constructor(
    private readonly workflows: WorkflowsService,
    private readonly limits: PayloadOptions,
  ) {}

  async test(
    namespace: string,
    { definition, stateName, input, options, context = {}, errorFrom, fieldValidationMode = 'STRICT' }: StateToTest,
  ): Promise<TestStateResult> {
    const chosen = choose(definition, stateName, context.State?.Name);
    await this.check(namespace, chosen);
    checkToken(context, chosen.state);
    checkOrigin(errorFrom, chosen.state);
    const { mock } = options;
    if (mock && 'result' in mock) checkMock(chosen.state, mock.result, fieldValidationMode);
    const { QueryLanguage: queryLanguage } = chosen.machine;
    const { EnteredTime: enteredAt, RetryCount: retriesBefore } = context.State ?? {};
    const around = surroundingsOf(input, context, this.limits.maxBytes);
    try {
      const language = queryLanguage === 'JSONata' ? ({ queryLanguage } as const) : {};
      return testState(chosen.state, input, {
        around,
        stateName: chosen.name,
        ...language,
        ...(enteredAt !== undefined && { enteredAt }),
        ...(retriesBefore !== undefined && { retriesBefore }),
        ...options,
      });
    } catch (error) {
      if (!(error instanceof MockMissing)) throw error;
      throw new InvalidRequest([{ pointer: '/mock', message: `is required: ${error.message}` }]);
    }
  }

  /** What is wrong with the state; that other states are missing is not. */
  private async check(namespace: string, { pointer, name, state, machine }: Chosen): Promise<void> {
    const here = `/States/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
    const { problems } = await this.workflows.check(namespace, alone(name, state, machine));
    // Of the whole, at the empty pointer, is that it is too deep or too large to be looked at.
    const own = problems.filter(({ pointer: at }) => at.startsWith(`${here}/`) || at === here || at === '');
    if (own.length > 0)
      throw new InvalidRequest(
        own.map(({ message, pointer: place }) => ({ pointer: pointer + place.slice(here.length), message })),
      );
  }
}

function choose(definition: StateToTest['definition'], stateName: string | undefined, unnamed = 'State'): Chosen {
  if (stateName === undefined) {
    return { state: definition as unknown as State, name: unnamed, pointer: '/definition', machine: {} };
  }
  const states = definition['States'];
  const isKnown = typeof states === 'object' && states !== null && Object.hasOwn(states, stateName);
  if (!isKnown) throw new InvalidRequest([{ pointer: '/stateName', message: `there is no state ${stateName}` }]);
  const state = (states as { [name: string]: unknown })[stateName] as State;
  const escaped = stateName.replaceAll('~', '~0').replaceAll('/', '~1');
  return { state, name: stateName, pointer: `/definition/States/${escaped}`, machine: definition };
}

/** A machine of this state, and of all that it leads to. */
function alone(name: string, state: State, { QueryLanguage }: Chosen['machine']) {
  const targets = new Set<string>();
  collect(state, targets);
  targets.delete(name);
  const others = Object.fromEntries([...targets].map((target) => [target, { Type: 'Succeed' }]));
  return {
    StartAt: name,
    States: { ...others, [name]: state },
    ...(QueryLanguage !== undefined && { QueryLanguage }),
  };
}

function collect(value: unknown, targets: Set<string>): void {
  if (Array.isArray(value)) for (const part of value) collect(part, targets);
  else if (typeof value === 'object' && value !== null) {
    for (const [key, part] of Object.entries(value)) {
      if ((key === 'Next' || key === 'Default') && typeof part === 'string') targets.add(part);
      else if (key === 'Choices' || key === 'Catch') collect(part, targets);
    }
  }
}
