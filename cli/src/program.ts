import { Command } from 'commander';
import { addEvents } from './commands/events.js';
import { addExecutions } from './commands/executions.js';
import { addFunctions } from './commands/functions.js';
import { addInstances } from './commands/instances.js';
import { addInvocations } from './commands/invocations.js';
import { addMapRuns } from './commands/map-runs.js';
import { addObjects } from './commands/objects.js';
import { addQuotas } from './commands/quotas.js';
import { addResultCache } from './commands/result-cache.js';
import { addSubscriptions } from './commands/subscriptions.js';
import { addRetention } from './commands/retention.js';
import { addSchedules } from './commands/schedules.js';
import { addSystem } from './commands/system.js';
import { addTopics } from './commands/topics.js';
import { addTriggers } from './commands/triggers.js';
import { addUsage } from './commands/usage.js';
import { addWorkflows } from './commands/workflows.js';

/** `spool`: what the API can do, from a terminal or a script. */
export function createProgram(): Command {
  const program = new Command('spool')
    .description('Functions and workflows on audio and video, when something happens')
    .option('--url <address>', "the API's address (SPOOL_URL; or that of the Spool started in this folder)")
    .option('--key <key>', 'the API key (SPOOL_API_KEY)')
    .option('--json', 'answers as JSON')
    .showHelpAfterError('(--help tells more)')
    .configureHelp({ showGlobalOptions: true })
    // Before the commands are added: they take it over.
    .exitOverride();
  addSystem(program);
  addFunctions(program);
  addWorkflows(program);
  addTriggers(program);
  addSchedules(program);
  addExecutions(program);
  addMapRuns(program);
  addInvocations(program);
  addInstances(program);
  addUsage(program);
  addQuotas(program);
  addResultCache(program);
  addEvents(program);
  addTopics(program);
  addSubscriptions(program);
  addObjects(program);
  addRetention(program);
  return program;
}
