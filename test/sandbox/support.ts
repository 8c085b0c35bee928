import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { type FunctionEnd, type FunctionRun, openSandbox, runFunction, type Sandbox } from '@app/sandbox';
import type { Progress } from '@app/worker-api';

/** Those that this machine lets us use: see jest.sandbox.config.mjs. */
export const DRIVERS = ['oci', 'bubblewrap'] as const;
export const working = DRIVERS.filter((driver) => process.env.SPOOL_TEST_DRIVERS?.split(',').includes(driver));

/** A suite for each working driver; of the others it is checked that nobody gets them unasked, or by asking. */
export function describeEach(name: string, suite: (driver: (typeof DRIVERS)[number]) => void): void {
  for (const driver of DRIVERS) {
    describe(name.replace('%s', driver), () => {
      if (working.includes(driver)) return suite(driver);
      it('is nowhere to be had on this machine', async () => {
        await expect(openSandbox({ driver })).rejects.toMatchObject({ code: 'sandbox_unavailable' });
      });
    });
  }
}

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

  /** A text that names its interpreter can be executed; `folder` is copied beside the files. */
  async run(
    options: Partial<FunctionRun>,
    files: Readonly<Record<string, string>> = {},
    folder?: string,
  ): Promise<Told> {
    const dir = join(this.dir, String(this.runs++));
    const folders = { work: join(dir, 'work'), code: join(dir, 'code') };
    for (const name of ['work/tmp', 'work/inputs', 'work/outputs', 'code'])
      mkdirSync(join(dir, name), { recursive: true });
    for (const [name, text] of Object.entries(files))
      writeFileSync(join(folders.code, name), text, { mode: text.startsWith('#!') ? 0o755 : 0o644 });
    if (folder !== undefined) cpSync(folder, folders.code, { recursive: true });
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
