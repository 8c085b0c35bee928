import { spawn } from 'node:child_process';
import type { Server } from 'node:net';
import { join } from 'node:path';
import { ownPath } from './launch.js';
import { runtimesDir } from './runtimes-dir.js';

/**
 * A socket that listens on the loopback of a process' own network, opened from outside. A client that only knows
 * TCP reaches us there, and nobody else does: no other sandbox is in that network, and it has no way out.
 * It costs no memory inside, as a process that passes bytes on would.
 */
export async function listenInside(pid: number, port: number): Promise<Server> {
  const isRoot = process.getuid?.() === 0;
  const own = isRoot ? [] : [`--user=/proc/${pid}/ns/user`, '--preserve-credentials'];
  const script = join(runtimesDir(), 'listen.mjs');
  const words = [...own, `--net=/proc/${pid}/ns/net`, '--', process.execPath, script, String(port)];
  const helper = spawn('nsenter', words, {
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    env: { PATH: ownPath() },
  });
  return new Promise((resolve, reject) => {
    let said = '';
    helper.stderr?.on('data', (chunk: Buffer) => (said += chunk.toString('utf8').slice(0, 500)));
    helper.once('error', reject);
    helper.once('message', (message: { error?: string }, server) => {
      if (message.error === undefined && server) resolve(server as Server);
      else reject(new Error(message.error ?? 'no socket came'));
    });
    helper.once('close', (code) => reject(new Error(`nsenter ended with ${code}: ${said.trim()}`)));
  });
}
