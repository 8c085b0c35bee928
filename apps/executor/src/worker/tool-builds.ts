import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { promisify } from 'node:util';

const PATIENCE_MS = 20_000;
const DIGEST_LENGTH = 12;
const HARDWARE = ['/dev/nvidiactl', '/dev/dri/renderD128'];

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
  const digest = createHash('sha256').update(stdout).digest('hex').slice(0, DIGEST_LENGTH);
  // Encoders of hardware give other bytes than those of the software that stand in for them.
  return [version, digest, ...HARDWARE.filter((device) => existsSync(device))].join(' ');
}
