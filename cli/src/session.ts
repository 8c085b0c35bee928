import type { Command } from 'commander';
import { Api } from './api.js';
import { findConnection, type Given } from './connection.js';
import { Output } from './output.js';

/** What every command works with. */
export interface Session {
  readonly api: Api;
  readonly out: Output;
}

type Work<Args extends unknown[]> = (session: Session, ...args: Args) => Promise<void>;

/** An action of commander's that begins with a session made of the program's options. */
export function withSession<Args extends unknown[]>(work: Work<Args>) {
  return async function act(this: Command, ...args: unknown[]): Promise<void> {
    const { json = false, ...given } = this.optsWithGlobals<Given & { json?: boolean }>();
    const connection = findConnection(given, process.env, process.cwd());
    await work({ api: new Api(connection), out: new Output(json) }, ...(args as Args));
  };
}
