import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { promisify } from 'node:util';

const PATIENCE_MS = 20_000;
const DIGEST_LENGTH = 12;

/**
 * Builds of the programs that results of functions depend on. Two builds of one version with other libraries encode
 * otherwise, so a digest of what it says of itself goes with the version. What is not installed is left out.
 */
export async function toolsHere(): Promise<Record<string, string>> {
  const ffmpeg = await buildOfFfmpeg().catch(() => undefined);
  return ffmpeg === undefined ? {} : { ffmpeg };
}

async function buildOfFfmpeg(): Promise<string> {
  const { stdout } = await promisify(execFile)('ffmpeg', ['-hide_banner', '-version'], { timeout: PATIENCE_MS });
  const version = /^ffmpeg version (\S{1,80})/.exec(stdout)?.[1] ?? 'unknown';
  return `${version} ${createHash('sha256').update(stdout).digest('hex').slice(0, DIGEST_LENGTH)}`;
}
