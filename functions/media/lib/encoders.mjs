import { existsSync } from 'node:fs';
import { ffmpeg } from './ffmpeg.mjs';
import { MediaError } from './errors.mjs';
import { bitsPerSecond } from './parameters.mjs';

/** Hardware encoders of each codec, the quickest first. */
const hardware = {
  h264: ['h264_nvenc', 'h264_qsv', 'h264_vaapi'],
  hevc: ['hevc_nvenc', 'hevc_qsv', 'hevc_vaapi'],
  av1: ['av1_nvenc', 'av1_qsv', 'av1_vaapi'],
};
const renderNode = '/dev/dri/renderD128';
const devices = { nvenc: '/dev/nvidiactl', qsv: renderNode, vaapi: renderNode };
const kindOf = (encoder) => encoder.slice(encoder.lastIndexOf('_') + 1);

const presets = ['ultrafast', 'superfast', 'veryfast', 'faster', 'fast', 'medium', 'slow', 'slower', 'veryslow'];

/** Constant quality up to a peak, or a rate, in the words of each family. */
const rateOf = ({ bitrate, crf, maxBitrate }, constant) => {
  const [average, peak] = [bitsPerSecond(bitrate), bitsPerSecond(maxBitrate)];
  const limit = peak ? ['-maxrate', String(peak), '-bufsize', String(peak * 2)] : [];
  return average ? ['-b:v', String(average), ...limit] : [...constant(crf), ...limit];
};
const options = {
  /** p1 is the fastest of seven. */
  nvenc: (video) => [
    '-preset',
    `p${Math.min(7, 1 + Math.round(presets.indexOf(video.preset) * 0.75))}`,
    '-rc',
    'vbr',
    ...rateOf(video, (crf) => ['-cq', String(crf), '-b:v', '0']),
    '-forced-idr',
    '1',
  ],
  qsv: (video) => rateOf(video, (crf) => ['-global_quality', String(crf)]),
  vaapi: (video) => rateOf(video, (crf) => ['-rc_mode', 'CQP', '-qp', String(crf)]),
};

export const isHardware = (encoder) => Object.hasOwn(options, kindOf(encoder));

/** For a hardware encoder: its options, what stands before the inputs, and what follows the filters. */
export function hardwareArguments(encoder, video) {
  const kind = kindOf(encoder);
  const tag = video.codec === 'hevc' ? ['-tag:v', 'hvc1'] : [];
  return {
    before: kind === 'vaapi' ? ['-vaapi_device', renderNode] : [],
    filter: kind === 'vaapi' ? ',format=nv12,hwupload' : '',
    encoder: ['-c:v', encoder, ...options[kind](video), ...tag],
  };
}

const tried = new Map();
/** A list of encoders says what ffmpeg was built with, not what this machine has: only an encode does. */
function works(encoder) {
  const { before, filter, encoder: args } = hardwareArguments(encoder, { preset: 'fast', crf: 30 });
  const picture = ['-f', 'lavfi', '-i', 'color=s=256x256:r=10:d=0.2', '-vf', `format=yuv420p${filter}`];
  if (!tried.has(encoder))
    tried.set(
      encoder,
      ffmpeg([...before, ...picture, ...args, '-f', 'null', '-'], { doing: `trying ${encoder}` }).then(
        () => true,
        () => false,
      ),
    );
  return tried.get(encoder);
}

/**
 * The hardware encoders to try before the software: those that the executor has found to work (`SPOOL_ENCODERS`); where
 * it does not say, those that have a device here and pass a trial.
 */
export async function hardwareFor({ codec, acceleration }) {
  const candidates = acceleration === 'software' ? [] : (hardware[codec] ?? []);
  const told = process.env.SPOOL_ENCODERS?.split(',');
  if (told) return candidates.filter((encoder) => told.includes(encoder));
  const found = [];
  for (const encoder of candidates)
    if (existsSync(devices[kindOf(encoder)]) && (await works(encoder))) found.push(encoder);
  return found;
}

/** It is the source's fault, and no other encoder would help. */
const ofTheSource = new Set([
  'Media.InvalidInput',
  'Media.TruncatedInput',
  'Media.ResourceLimit',
  'Media.NoVideoStream',
  'Media.NoAudioStream',
  'Media.DiskFull',
]);

/**
 * Encodes with the first encoder that does it: each of the hardware's, then the software (undefined). What failed on
 * the way is told with the result. `encode` gets the encoder and gives the result.
 */
export async function firstThatWorks(encoders, encode, { acceleration, software }) {
  const failed = [];
  for (const encoder of encoders) {
    try {
      return { ...(await encode(encoder)), encoder, ...(failed.length > 0 && { failedEncoders: failed }) };
    } catch (error) {
      if (!(error instanceof MediaError) || ofTheSource.has(error.name)) throw error;
      failed.push({ encoder, error: error.name, cause: error.message.slice(0, 500) });
    }
  }
  if (acceleration === 'hardware') {
    const cause = failed.map((each) => `${each.encoder}: ${each.cause}`).join('; ') || 'there is none that works here';
    throw new MediaError('Media.HardwareUnavailable', `no hardware encoder could do it: ${cause}`);
  }
  return { ...(await encode()), encoder: software, ...(failed.length > 0 && { failedEncoders: failed }) };
}
