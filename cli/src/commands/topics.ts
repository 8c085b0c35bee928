import type { Command } from 'commander';
import { route } from '../api.js';
import { readJson } from '../given.js';
import { withSession } from '../session.js';

interface Options {
  readonly messageKey?: string;
  readonly header: Record<string, string>;
}

export function addTopics(program: Command): void {
  const topics = program.command('topics').description('messages');
  topics
    .command('publish <topic> <value>')
    .description('one message: JSON, @FILE, or - for the standard input')
    .option('-k, --message-key <key>', 'messages with the same key keep their order')
    .option('-H, --header <name=value>', 'a header; may be given more than once', collect, {})
    .action(
      withSession(async ({ api, out }, topic: string, given: string, { messageKey: key, header }: Options) => {
        const headers = Object.keys(header).length > 0 ? { headers: header } : {};
        const body = { messages: [{ value: await readJson(given, 'The value'), key, ...headers }] };
        type Published = { messages: { partition: number; offset: string }[] };
        const { messages } = await api.ask<Published>('POST', route`topics/${topic}/messages`, { body });
        const [place] = messages;
        if (out.isJson) out.json(place);
        else out.line(`partition ${place?.partition}, offset ${place?.offset}`);
      }),
    );
}

function collect(given: string, all: Record<string, string>): Record<string, string> {
  const [name = '', ...value] = given.split('=');
  return { ...all, [name]: value.join('=') };
}
