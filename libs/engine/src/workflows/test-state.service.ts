import { randomUUID } from 'node:crypto';
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
import { WorkflowsService } from './workflows.service.js';

/** A state by itself, or one of a definition that is given whole. */
export interface StateToTest {
  readonly definition: { readonly [field: string]: Json };
  readonly stateName?: string | undefined;
  readonly input: Json;
  readonly options: Pick<TestStateOptions, 'variables' | 'mock' | 'retryCount' | 'map'>;
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

  async test(namespace: string, { definition, stateName, input, options }: StateToTest): Promise<TestStateResult> {
    const chosen = choose(definition, stateName);
    await this.check(namespace, chosen);
    const { QueryLanguage: queryLanguage } = chosen.machine;
    const around = {
      execution: { id: randomUUID(), name: 'test-state', input, startTime: new Date().toISOString() },
      stateMachine: { id: 'workflow:test-state', name: 'test-state' },
      now: Date.now(),
      random: Math.random,
      uuid: randomUUID,
      maxDataBytes: this.limits.maxBytes,
    };
    try {
      const language = queryLanguage === 'JSONata' ? ({ queryLanguage } as const) : {};
      return testState(chosen.state, input, { around, stateName: chosen.name, ...language, ...options });
    } catch (error) {
      if (!(error instanceof MockMissing)) throw error;
      throw new InvalidRequest([{ pointer: '/mock', message: `is required: ${error.message}` }]);
    }
  }

  /** What is wrong with the state; that other states are missing is not. */
  private async check(namespace: string, { pointer, name, state, machine }: Chosen): Promise<void> {
    const here = `/States/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
    const { problems } = await this.workflows.check(namespace, alone(name, state, machine));
    const own = problems.filter((problem) => problem.pointer.startsWith(`${here}/`) || problem.pointer === here);
    if (own.length > 0)
      throw new InvalidRequest(
        own.map(({ message, pointer: place }) => ({ pointer: pointer + place.slice(here.length), message })),
      );
  }
}

function choose(definition: StateToTest['definition'], stateName: string | undefined): Chosen {
  if (stateName === undefined) {
    const name = 'State';
    return { state: definition as unknown as State, name, pointer: '/definition', machine: {} };
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
