import { MediaError } from './errors.mjs';
import { ffmpeg, input } from './ffmpeg.mjs';

const number = (text, name) => Number(new RegExp(`${name}:\\s+(-?inf|-?[\\d.]+)`).exec(text)?.[1] ?? Number.NaN);

const finite = (value) => (Number.isFinite(value) ? value : null);

/** EBU R128 (ITU-R BS.1770-4) of one track: { integratedLufs, rangeLu, truePeakDb }; null where all is silent. */
export async function measureLoudness(path, { track = 0, onSeconds } = {}) {
  const args = ['-map', `0:a:${track}`, '-vn', '-af', 'ebur128=peak=true:framelog=verbose', '-f', 'null', '-'];
  const { stderr } = await ffmpeg([...input(path), ...args], { doing: 'measuring loudness', onSeconds, level: 'info' });
  const summary = stderr.slice(stderr.lastIndexOf('Summary:'));
  const integrated = number(summary, 'I');
  if (Number.isNaN(integrated)) throw new MediaError('Media.Failed', 'the filter ebur128 printed no summary');
  return {
    // -70 is the gate: nothing was louder.
    integratedLufs: integrated <= -70 ? null : integrated,
    rangeLu: finite(number(summary, 'LRA')),
    truePeakDb: finite(number(summary, 'Peak')),
  };
}

/** loudnorm's own measurement, which its second pass needs. */
export async function firstPass(path, { track = 0, target, onSeconds }) {
  const filter = `loudnorm=${target}:print_format=json`;
  const args = ['-map', `0:a:${track}`, '-vn', '-af', filter, '-f', 'null', '-'];
  const { stderr } = await ffmpeg([...input(path), ...args], { doing: 'measuring loudness', onSeconds, level: 'info' });
  return JSON.parse(stderr.slice(stderr.lastIndexOf('{'), stderr.lastIndexOf('}') + 1));
}

/** The filter of the second pass: linear where it can be, so that the dynamics stay. */
export function secondPass({ lufs, truePeakDb, rangeLu }, measured) {
  const range = Math.min(50, Math.max(rangeLu, Number(measured.input_lra)));
  return [
    // Its limiter overshoots by a tenth of a decibel or two.
    `loudnorm=I=${lufs}:TP=${Math.max(-9, truePeakDb - 0.3)}:LRA=${range}`,
    `measured_I=${measured.input_i}`,
    `measured_TP=${measured.input_tp}`,
    `measured_LRA=${measured.input_lra}`,
    `measured_thresh=${measured.input_thresh}`,
    `offset=${measured.target_offset}`,
    'linear=true',
  ].join(':');
}
