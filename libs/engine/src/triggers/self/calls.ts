import type { Json, JsonObject, State, StateMachine, SubMachine } from '@app/workflow';
import { type Resource, parseResource } from '../../executions/resource.js';
import { fillKnown, type Known, UNKNOWN } from './unknown.js';

/** What a Task state asks for, with what is known of its input. */
export interface Call {
  readonly state: string;
  readonly resource: Resource;
}

type Machine = SubMachine & Pick<StateMachine, 'QueryLanguage'>;
type Fields = State & JsonObject;

/** Whatever the workflow may ask for when it is started with this input. Which of its states run is not looked at. */
export function callsOf(definition: StateMachine, executionInput: Json): Call[] {
  const language = definition.QueryLanguage ?? 'JSONPath';
  return callsIn(definition, { input: executionInput, executionInput, language });
}

function callsIn(machine: Machine, known: Known): Call[] {
  return Object.entries(machine.States).flatMap(([name, state]) => {
    const input = name === machine.StartAt ? known.input : keptOf(machine, known);
    return callsOfState(name, state as Fields, { ...known, input, language: state.QueryLanguage ?? known.language });
  });
}

function callsOfState(name: string, state: Fields, known: Known): Call[] {
  const given = givenTo(state, known);
  const { language } = known;
  switch (state.Type) {
    case 'Task': {
      const resource = parseResource(String(state['Resource']), given);
      return 'error' in resource ? [] : [{ state: name, resource }];
    }
    case 'Parallel':
      return (state['Branches'] as unknown as Machine[]).flatMap((branch) =>
        callsIn(branch, { ...known, input: given, language }),
      );
    case 'Map': {
      const inner = (state['ItemProcessor'] ?? state['Iterator']) as unknown as Machine;
      const selector = state['ItemSelector'] ?? state['Parameters'];
      const item = selector === undefined ? UNKNOWN : fillKnown(selector, known);
      return callsIn(inner, { ...known, input: item, language });
    }
    default:
      return [];
  }
}

/** What the work of a state is given. */
function givenTo(state: Fields, known: Known): Json {
  const template = known.language === 'JSONata' ? state['Arguments'] : state['Parameters'];
  const path = known.language === 'JSONPath' ? state['InputPath'] : undefined;
  const input = path === undefined ? known.input : fillKnown({ 'it.$': path ?? '$' }, known);
  const seen = path === undefined ? input : ((input as JsonObject)['it'] ?? UNKNOWN);
  return template === undefined ? seen : fillKnown(template, { ...known, input: seen });
}

/** Of a machine's input, the fields that come to each of its states as they are: no state puts others in their place. */
function keptOf(machine: Machine, { input, language }: Known): Json {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) return UNKNOWN;
  const states = Object.values(machine.States) as Fields[];
  return Object.fromEntries(
    Object.entries(input).filter(([field]) =>
      states.every((state) => keeps(state, field, state.QueryLanguage ?? language)),
    ),
  );
}

const NEVER_REPLACE = new Set(['Choice', 'Wait', 'Succeed', 'Fail']);

function keeps(state: Fields, field: string, language: string): boolean {
  if (language === 'JSONata') return NEVER_REPLACE.has(state.Type) && state['Output'] === undefined;
  if (!isPassedOn(state['OutputPath'])) return false;
  if (NEVER_REPLACE.has(state.Type)) return isPassedOn(state['InputPath']);
  const { ResultPath: placed, End: isLast } = state;
  if (isLast === true || placed === null) return true;
  if (state.Type === 'Pass' && placed === undefined)
    return state['Result'] === undefined && state['Parameters'] === undefined;
  return typeof placed === 'string' && placed !== '$' && firstStep(placed) !== field;
}

const isPassedOn = (path: unknown): boolean => path === undefined || path === '$';

const firstStep = (path: string): string | undefined => {
  const [, plain, quoted] = /^\$(?:\.([^.[\]]+)|\['([^']+)'\])/.exec(path) ?? [];
  return plain ?? quoted;
};
