import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { eventually } from './standalone.js';

export type AppName = 'gateway' | 'trigger-router' | 'executor';

/** One of the three apps as the process it is in production, to be killed at will. */
export class ChildApp {
  private constructor(
    private readonly child: ChildProcess,
    private readonly heard: { text: string },
  ) {}

  /** Of our own environment it gets only the PATH. */
  static start(app: AppName, env: Record<string, string>): ChildApp {
    const main = join(process.cwd(), `dist/apps/${app}/src/main.js`);
    const path = process.env['PATH'] ?? '';
    const sandbox = process.env['SPOOL_SANDBOX'] ?? 'process'; // The same on every machine.
    const whole = { PATH: path, SPOOL_SANDBOX: sandbox, ...env };
    const child = spawn(process.execPath, [main], { env: whole, stdio: ['ignore', 'pipe', 'pipe'] });
    const heard = { text: '' };
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (heard.text += String(chunk)));
    return new ChildApp(child, heard);
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  get output(): string {
    return this.heard.text;
  }

  /** Waits until it has printed what matches. */
  async says(pattern: RegExp): Promise<RegExpExecArray> {
    return eventually(async () => {
      if (this.hasEnded) throw new Error(`It ended before it said ${pattern}: ${this.output}`);
      return pattern.exec(this.output) ?? undefined;
    });
  }

  /** The code with which it ends, by itself. */
  async exitCode(): Promise<number | null> {
    await eventually(async () => this.hasEnded);
    return this.child.exitCode;
  }

  async end(signal: NodeJS.Signals): Promise<void> {
    if (this.hasEnded) return;
    const ended = once(this.child, 'exit');
    this.child.kill(signal);
    await ended;
  }

  private get hasEnded(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null;
  }
}
