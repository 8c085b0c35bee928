import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type FunctionEnd, type FunctionRun, runFunction, type Sandbox } from '@app/sandbox';
import type { Progress } from '@app/worker-api';

export interface Told {
  readonly end: FunctionEnd;
  readonly stdout: string;
  readonly stderr: string;
  readonly progress: readonly Progress[];
}

/** Runs functions in folders of their own, as an executor lays them out. */
export class Workshop {
  readonly dir = mkdtempSync(join(tmpdir(), 'spool-workshop-'));
  private runs = 0;

  constructor(private readonly sandbox: Sandbox) {}

  sh(script: string, options: Partial<FunctionRun> = {}): Promise<Told> {
    return this.run({ runtime: 'command', command: ['sh', '-c', script], ...options });
  }

  async run(options: Partial<FunctionRun>, files: Readonly<Record<string, string>> = {}): Promise<Told> {
    const dir = join(this.dir, String(this.runs++));
    const folders = { work: join(dir, 'work'), code: join(dir, 'code') };
    for (const folder of ['work/tmp', 'work/inputs', 'work/outputs', 'code'])
      mkdirSync(join(dir, folder), { recursive: true });
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folders.code, name), text);
    const lines: Record<string, string[]> = { stdout: [], stderr: [] };
    const progress: Progress[] = [];
    const run: FunctionRun = {
      id: `run-${this.runs}`,
      attempt: 1,
      name: 'probe',
      version: 1,
      runtime: 'nodejs',
      handler: 'index.handler',
      environment: {},
      memoryMb: 256,
      payload: {},
      inputs: {},
      outputs: {},
      folders,
      context: { namespace: 'default' },
      timeoutMs: 15_000,
      graceMs: 200,
      ...options,
    };
    const listener = {
      onLine: (stream: string, line: string) => void lines[stream]?.push(line),
      onProgress: (given: Progress) => void progress.push(given),
    };
    const end = await runFunction(this.sandbox, run, listener, new AbortController().signal);
    const [stdout = '', stderr = ''] = ['stdout', 'stderr'].map((name) => lines[name]?.join('\n'));
    return { end, stdout, stderr, progress };
  }

  remove(): void {
    rmSync(this.dir, { recursive: true, force: true });
  }
}
