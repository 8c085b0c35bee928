import type { Command } from 'commander';
import { readJson, readJsonFile } from '../given.js';
import { withSession } from '../session.js';

interface TestOptions {
  readonly state?: string;
  readonly input: string;
  readonly variables?: string;
  readonly result?: string;
  readonly error?: string;
  readonly cause?: string;
  readonly retryCount?: string;
  readonly context?: string;
  readonly configuration?: string;
  readonly level: string;
  readonly validation: string;
}
interface Tested {
  readonly status: string;
  readonly output?: unknown;
  readonly error?: string;
  readonly cause?: string;
  readonly nextState?: string;
  readonly inspectionData?: Readonly<Record<string, unknown>>;
}

/** `spool workflows test-state`: what one state makes of an input, with nothing run. */
export function addTestState(workflows: Command): void {
  workflows
    .command('test-state <file>')
    .description('try one state: a file with a state, or with --state a whole definition; nothing is run')
    .option('--state <name>', 'which state of a definition')
    .option('-i, --input <json>', 'JSON, @FILE, or - for the standard input', '{}')
    .option('--variables <json>', 'the variables that it sees')
    .option('--result <json>', 'what the work of a Task, Parallel or Map state gives')
    .option('--error <name>', 'what that work fails with, instead')
    .option('--cause <text>', 'and why')
    .option('--retry-count <number>', 'retries that have been made already')
    .option('--context <json>', 'of the context object, what is to be other than usual')
    .option('--configuration <json>', "AWS's stateConfiguration, such as {\"mapIterationFailureCount\": 3}")
    .option('--validation <mode>', 'of the result of an integration: STRICT, PRESENT or NONE', 'STRICT')
    .option('--level <level>', 'INFO, DEBUG or TRACE', 'DEBUG')
    .action(
      withSession(async ({ api, out }, file: string, options: TestOptions) => {
        const tested = await api.ask<Tested>('POST', 'workflows/test-state', { body: await bodyOf(file, options) });
        if (tested.status === 'FAILED') process.exitCode = 1;
        if (out.isJson) return out.json(tested);
        const { status, output, error, cause, nextState, inspectionData = {} } = tested;
        for (const [step, value] of Object.entries(inspectionData))
          out.line(`${out.styled('dim', step.padEnd(20))}  ${JSON.stringify(value)}`);
        const failure = error === undefined ? '' : `  ${error}: ${cause ?? ''}`;
        out.line(out.styled(status === 'SUCCEEDED' ? 'green' : 'red', status) + failure);
        if (nextState !== undefined) out.line(`→ ${nextState}`);
        if (output !== undefined) out.json(output);
      }),
    );
}

async function bodyOf(file: string, options: TestOptions) {
  const { state, input, variables, result, error, cause, retryCount, context, configuration, level } = options;
  const fieldValidationMode = options.validation.toUpperCase();
  return {
    definition: await readJsonFile(file),
    input: await readJson(input, '--input'),
    ...(state !== undefined && { stateName: state }),
    ...(variables !== undefined && { variables: await readJson(variables, '--variables') }),
    ...(result !== undefined && { mock: { result: await readJson(result, '--result'), fieldValidationMode } }),
    ...(error !== undefined && { mock: { error: { error, ...(cause !== undefined && { cause }) } } }),
    ...(retryCount !== undefined && { retryCount: Number(retryCount) }),
    ...(context !== undefined && { context: await readJson(context, '--context') }),
    ...(configuration !== undefined && { stateConfiguration: await readJson(configuration, '--configuration') }),
    inspectionLevel: level.toUpperCase(),
  };
}
