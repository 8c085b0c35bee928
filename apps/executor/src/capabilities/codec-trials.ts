import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, readFile, realpath, rename, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { findExecutable, ownPath } from '@app/sandbox';
import { Injectable, Logger } from '@nestjs/common';
import { z } from 'zod';
import { ExecutorConfig } from '../config.js';
import { encoderTrials, listed, samples, type Trial } from './codecs.js';

const run = promisify(execFile);
const TRIAL_MS = 20_000;
/** The first tasks of an executor that has just started are in more of a hurry. */
const PATIENCE_MS = 5_000;
/** Raised when a trial is another one: what was found out before does not count any more. */
const EDITION = 1;

const verdict = z.object({ key: z.string(), encoders: z.array(z.string()), decoders: z.array(z.string()) });
type Verdict = z.infer<typeof verdict>;

/**
 * Which encoders and decoders of this machine's ffmpeg really work, found out by using each once. The verdict is kept
 * for as long as the program and the GPU's driver are the same, so that a restart costs nothing.
 */
@Injectable()
export class CodecTrials {
  private readonly logger = new Logger('Executor');
  private readonly file: string;

  constructor(config: ExecutorConfig) {
    this.file = join(config.workDir, 'codecs.json');
  }

  /** Undefined if there is no ffmpeg, or there was no time. */
  async run(driver: string, signal: AbortSignal): Promise<Omit<Verdict, 'key'> | undefined> {
    const found = findExecutable('ffmpeg', { path: ownPath(), dir: '/' });
    if (!found) return undefined;
    const program = await realpath(found);
    const { size, mtimeMs } = await stat(program);
    const key = createHash('sha256')
      .update(JSON.stringify([EDITION, program, size, mtimeMs, driver]))
      .digest('hex');
    const kept = await this.kept();
    if (kept?.key === key) return { encoders: kept.encoders, decoders: kept.decoders };
    const begun = await sleep(PATIENCE_MS, true, { signal, ref: false }).catch(() => false);
    const working = begun && (await tryAll(program, signal));
    if (!working || signal.aborted) return undefined;
    await this.keep({ key, ...working });
    this.logger.log(`Encoders that work: ${working.encoders.join(', ') || 'none'}`);
    this.logger.log(`Decoders that work: ${working.decoders.join(', ') || 'none'}`);
    return working;
  }

  private async kept(): Promise<Verdict | undefined> {
    const text = await readFile(this.file, 'utf8').catch(() => '{}');
    return verdict.safeParse(toJson(text)).data;
  }

  private async keep(found: Verdict): Promise<void> {
    await writeFile(`${this.file}.new`, JSON.stringify(found));
    await rename(`${this.file}.new`, this.file);
  }
}

export async function tryAll(program: string, signal: AbortSignal): Promise<Omit<Verdict, 'key'>> {
  const ffmpeg = (args: readonly string[]): Promise<{ stdout: string }> =>
    run('nice', ['-n', '10', program, ...args], { timeout: TRIAL_MS, killSignal: 'SIGKILL', signal });
  const works = async ({ args }: Trial): Promise<boolean> =>
    ffmpeg(args).then(
      () => true,
      () => false,
    );
  const names = async (option: string) => listed((await ffmpeg(['-hide_banner', option])).stdout);
  const dir = await mkdtemp(join(tmpdir(), 'spool-codecs-'));
  try {
    const encoders = await passing(encoderTrials(await names('-encoders')), works);
    const decoders: string[] = [];
    const file = join(dir, 'sample.mkv');
    for (const { make, trials } of samples(encoders, await names('-decoders')))
      if (await works({ codec: '', args: make(file) })) decoders.push(...(await passing(trials(file), works)));
    return { encoders, decoders };
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

/** One after the other: tasks run beside it. */
async function passing(trials: readonly Trial[], works: (trial: Trial) => Promise<boolean>): Promise<string[]> {
  const codecs: string[] = [];
  for (const trial of trials) if (await works(trial)) codecs.push(trial.codec);
  return codecs;
}

function toJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // Cut off by a crash: found out again.
  }
}
