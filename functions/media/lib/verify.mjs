import { rename, rm } from 'node:fs/promises';
import { MediaError } from './errors.mjs';
import { hasNoIndex } from './ffmpeg.mjs';
import { readMp4 } from './mp4.mjs';
import { probe } from './probe.mjs';

/** An encoder pads a little, and a container rounds; of a short film that is not a second. */
const tolerance = (seconds) => Math.max(Math.min(1, seconds / 4), seconds * 0.02);
const overSeconds = 1;

/** When the last of the streams that are used ends, as the file says; undefined where it says nothing. */
export function expectedSeconds(facts, streams) {
  if (streams.some(({ duration }) => duration === undefined)) return facts.duration;
  return Math.max(...streams.map(({ startSeconds = 0, duration }) => startSeconds + duration));
}

export function checkDuration(facts, limit) {
  if (facts.duration !== undefined && facts.duration > limit) {
    throw new MediaError(
      'Media.ResourceLimit',
      `the source lasts ${facts.duration.toFixed(1)} s, longer than maxDurationSeconds ${limit}`,
    );
  }
}

const bad = (message) => new MediaError('Media.BadOutput', `the output is not what was asked for: ${message}`);

/**
 * Exit code 0 is not success: ffmpeg gives it for a source that ends early, and for some full disks.
 * `wanted`: { seconds, limitSeconds, size, audio }, and `format` of the source; what is undefined is not compared.
 */
export function checkOutput(made, wanted) {
  const [video] = made.video;
  if (wanted.size && !video) throw bad('it has no video');
  if (wanted.audio && made.audio.length === 0) throw bad('it has no audio');
  if (wanted.size && (video.width !== wanted.size.width || video.height !== wanted.size.height)) {
    throw bad(`${video.width}x${video.height} instead of ${wanted.size.width}x${wanted.size.height}`);
  }
  if (made.duration === undefined) throw bad('it has no duration');
  if (made.duration > wanted.limitSeconds + overSeconds) {
    throw new MediaError('Media.ResourceLimit', `the source goes on after maxDurationSeconds ${wanted.limitSeconds}`);
  }
  if (wanted.seconds === undefined) return;
  const difference = made.duration - wanted.seconds;
  if (difference < -tolerance(wanted.seconds)) {
    const [got, promised] = [made.duration, wanted.seconds].map((seconds) => seconds.toFixed(1));
    throw new MediaError('Media.TruncatedInput', `the source promises ${promised} s, but only ${got} s could be read`, {
      missing: { missingSeconds: Math.round(-difference * 1_000) / 1_000 },
    });
  }
  // What has no index says only by guess how long it is.
  if (difference > tolerance(wanted.seconds) && !hasNoIndex(wanted.format))
    throw bad(`${made.duration.toFixed(1)} s instead of ${wanted.seconds.toFixed(1)} s`);
}

/** Frames may be lost though the duration is right: a file damaged in the middle. */
export function checkFrames(made, frames) {
  const [video] = made.video;
  if (frames === undefined || video?.frames === undefined) return;
  const allowed = Math.max(2, frames * 0.01);
  if (video.frames > frames + allowed) throw bad(`${video.frames} frames instead of ${frames}`);
  if (video.frames < frames - allowed) {
    throw new MediaError(
      'Media.InvalidInput',
      `the source is damaged: only ${video.frames} of its ${frames} frames could be read`,
      { missing: { missingFrames: frames - video.frames } },
    );
  }
}

/** What reads a source to its end, and makes nothing whose length could be looked at. */
export function checkRead(read, seconds) {
  if (seconds === undefined || read >= seconds - tolerance(seconds)) return;
  const [got, promised] = [read, seconds].map((each) => each.toFixed(1));
  throw new MediaError('Media.TruncatedInput', `the source promises ${promised} s, but only ${got} s could be read`);
}

const counted = (path) => probe(path, { countPackets: true });

/** Of an MP4 of our own making, without a program for it. What it does not understand, ffprobe is to judge. */
export const ofMp4 = async (path) => (await readMp4(path)) ?? counted(path);

/** Makes `path` through a partial file, which takes the name only when `check` is content with its facts. */
export async function produce(path, make, check, read = counted) {
  const partial = `${path}.partial`;
  try {
    await make(partial);
    const facts = await read(partial).catch((error) => {
      throw error.name === 'Media.InvalidInput' || error.code === 'ENOENT' ? bad(error.message) : error;
    });
    await check(facts, partial);
    await rename(partial, path);
    return facts;
  } catch (error) {
    await rm(partial, { force: true });
    throw error;
  }
}
