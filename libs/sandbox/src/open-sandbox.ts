import { findExecutable } from './runtimes/find-executable.js';
import { ownPath } from './runtimes/launch.js';
import { bubblewrapIsolator } from './isolation/bubblewrap.isolator.js';
import { IsolatedSandbox, type IsolationOptions } from './isolation/isolated.sandbox.js';
import { ociIsolator } from './isolation/oci.isolator.js';
import { findPrograms } from './isolation/programs.js';
import { ProcessSandbox } from './process.sandbox.js';
import type { Sandbox } from './sandbox.js';
import { SandboxUnavailable } from './sandbox.errors.js';
import { trial } from './trial.js';
import { fingerprintOf, Verdicts } from './verdicts.js';

export const drivers = ['auto', 'oci', 'bubblewrap', 'process'] as const;
export type Driver = (typeof drivers)[number];

export interface SandboxChoice extends IsolationOptions {
  readonly driver: Driver;
  /** The OCI runtime's name or path; `crun`, then `runc` if none is given. */
  readonly ociRuntime?: string;
  /** Instead of what a runtime is given by its name. */
  readonly ociArgs?: readonly string[];
  /** Keeps in mind which drivers have passed their trial since the machine was booted; without it each start tries. */
  readonly verdictFile?: string;
}

export interface OpenedSandbox {
  readonly sandbox: Sandbox;
  /** Why each better one was not taken. */
  readonly passedOver: readonly string[];
}

const RUNTIMES = ['crun', 'runc'];

interface Candidate {
  readonly driver: Exclude<Driver, 'auto'>;
  readonly program: string;
}

/** The sandbox that was asked for; with `auto` the best one in which everything works that works outside. */
export async function openSandbox(choice: SandboxChoice): Promise<OpenedSandbox> {
  const passedOver: string[] = [];
  for (const candidate of candidates(choice)) {
    const opened = await tryOut(candidate, choice);
    if (typeof opened !== 'string') return { sandbox: opened, passedOver };
    passedOver.push(`${candidate.program}: ${opened}`);
  }
  if (choice.driver === 'auto' || choice.driver === 'process')
    return { sandbox: new ProcessSandbox(choice), passedOver };
  throw new SandboxUnavailable(choice.driver, passedOver.join('; '));
}

function candidates({ driver, ociRuntime }: SandboxChoice): Candidate[] {
  const oci = (ociRuntime ? [ociRuntime] : RUNTIMES).map((program) => ({ driver: 'oci' as const, program }));
  const all: Candidate[] = [...oci, { driver: 'bubblewrap', program: 'bwrap' }];
  return all.filter((candidate) => driver === 'auto' || candidate.driver === driver);
}

/** What is wrong with it: nothing, if it has passed since the machine was booted and nothing has changed. */
async function tried(candidate: Candidate, choice: SandboxChoice, sandbox: Sandbox): Promise<string[]> {
  const { verdictFile, ...rest } = choice;
  const verdicts = verdictFile === undefined ? undefined : new Verdicts(verdictFile);
  const fingerprint = verdicts && fingerprintOf(candidate, rest);
  if (fingerprint !== undefined && verdicts?.has(fingerprint)) return [];
  const problems = await trial(sandbox);
  if (problems.length === 0 && fingerprint !== undefined) verdicts?.add(fingerprint);
  return problems;
}

/** The sandbox, or why not. */
async function tryOut({ driver, program }: Candidate, choice: SandboxChoice): Promise<Sandbox | string> {
  if (process.platform !== 'linux') return 'it needs Linux';
  const file = findExecutable(program, { path: ownPath(), dir: '/' });
  if (!file) return 'it is not installed';
  const args = choice.ociArgs && { args: choice.ociArgs };
  let sandbox: Sandbox | undefined;
  try {
    const programs = await findPrograms(ownPath(), choice.paths ?? []);
    sandbox = new IsolatedSandbox(
      (place) => (driver === 'oci' ? ociIsolator({ program: file, ...args }, place) : bubblewrapIsolator(file, place)),
      programs,
      choice,
    );
    const problems = await tried({ driver, program: file }, choice, sandbox);
    if (problems.length === 0) return sandbox;
    await sandbox.close();
    return problems.join('; ');
  } catch (error) {
    await sandbox?.close();
    return error instanceof Error ? error.message : String(error);
  }
}
