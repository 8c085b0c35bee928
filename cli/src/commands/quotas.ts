import { type Command, InvalidArgumentError } from 'commander';
import { withSession } from '../session.js';

const NONE = 'none';
type Given = number | typeof NONE;
interface Change {
  readonly maxRunning?: Given;
  readonly maxQueued?: Given;
}
interface Quota {
  readonly maxRunning?: number;
  readonly maxQueued?: number;
}

export function addQuotas(program: Command): void {
  const quotas = program.command('quotas').description('how much the functions of the namespace may run and have waiting');
  quotas.command('show').action(withSession(async ({ api, out }) => out.json(await api.get('quotas'))));
  quotas
    .command('set')
    .description('change some of it; the rest stays')
    .option('--max-running <count>', 'tasks at the same time; or "none" for no limit', limit)
    .option('--max-queued <count>', 'tasks that may wait before calls are refused; or "none"', limit)
    .action(
      withSession(async ({ api, out }, change: Change) => {
        const before = await api.get<Quota>('quotas');
        const body = { ...of('maxRunning', before, change), ...of('maxQueued', before, change) };
        out.json(await api.ask('PUT', 'quotas', { body }));
      }),
    );
}

function of(name: keyof Quota, before: Quota, change: Change): Quota {
  const value = change[name] ?? before[name];
  return value === undefined || value === NONE ? {} : { [name]: value };
}

function limit(given: string): Given {
  if (given === NONE) return NONE;
  const number = Number(given);
  if (!Number.isInteger(number) || number < 0) throw new InvalidArgumentError('It must be a whole number, or "none".');
  return number;
}
