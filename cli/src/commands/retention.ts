import { type Command, InvalidArgumentError } from 'commander';
import { withSession } from '../session.js';

const FOREVER = 'forever';
type Policy = Record<string, number | null>;
type Change = Record<string, number | typeof FOREVER>;

const KEPT = {
  events: 'events, with what they started',
  executions: 'executions that have ended, with their history',
  invocations: 'invocations outside of executions',
  logs: 'lines that functions wrote',
  deadLetters: 'dead letters',
  objects: 'what the ledger knows of objects that are gone',
};

export function addRetention(program: Command): void {
  const retention = program.command('retention').description('how long the namespace keeps what');
  retention.command('show').action(withSession(async ({ api, out }) => out.json(await api.get('retention'))));
  const set = retention.command('set').description('change some of it; the rest stays');
  for (const [name, what] of Object.entries(KEPT)) set.option(`--${dashed(name)} <days>`, `${what}; or "forever"`, days);
  set.action(
    withSession(async ({ api, out }, change: Change) => {
      const policy = await api.get<Policy>('retention');
      for (const name of Object.keys(KEPT)) {
        const given = change[name];
        if (given !== undefined) policy[name] = given === FOREVER ? null : given;
      }
      out.json(await api.ask('PUT', 'retention', { body: policy }));
    }),
  );
}

const dashed = (name: string): string => name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

/** Not null for ever: commander takes that for nothing. */
function days(given: string): number | typeof FOREVER {
  if (given === FOREVER) return FOREVER;
  const number = Number(given);
  if (!Number.isInteger(number) || number < 1) throw new InvalidArgumentError('It must be a number of days, or "forever".');
  return number;
}
