import { MediaError } from './errors.mjs';
import { ffmpeg, input } from './ffmpeg.mjs';
import { checkRead } from './verify.mjs';

const number = (text, name) => Number(new RegExp(`${name}:\\s+(-?inf|-?[\\d.]+)`).exec(text)?.[1] ?? Number.NaN);

const finite = (value) => (Number.isFinite(value) ? value : null);

/** EBU R128 (ITU-R BS.1770-4) of one track: { integratedLufs, rangeLu, truePeakDb }; null where all is silent. */
export async function measureLoudness(path, options) {
  const { thresholdLufs: _, ...loudness } = await measureAll(path, options);
  return loudness;
}

/** And `thresholdLufs`, below which nothing was counted. */
export async function measureAll(path, { track = 0, onSeconds, seconds } = {}) {
  const args = ['-map', `0:a:${track}`, '-vn', '-af', 'ebur128=peak=true:framelog=verbose', '-f', 'null', '-'];
  const how = { doing: 'measuring loudness', onSeconds, level: 'info' };
  const { stderr, seconds: read } = await ffmpeg([...input(path), ...args], how);
  checkRead(read, seconds);
  const summary = stderr.slice(stderr.lastIndexOf('Summary:'));
  const integrated = number(summary, 'I');
  if (Number.isNaN(integrated)) throw new MediaError('Media.Failed', 'the filter ebur128 printed no summary');
  return {
    // -70 is the gate: nothing was louder.
    integratedLufs: integrated <= -70 ? null : integrated,
    rangeLu: finite(number(summary, 'LRA')),
    truePeakDb: finite(number(summary, 'Peak')),
    thresholdLufs: number(summary, 'Threshold'),
  };
}

/** A lossy encoder's peaks, and loudnorm's limiter, overshoot by a tenth of a decibel or two. */
export const marginDb = 0.3;

/**
 * The filter that brings a sound to a loudness. Where the peaks have room that is a gain, and the dynamics stay as they
 * are; else loudnorm, which is told what was measured: its own first pass would cost as much as its second.
 */
export function filterTo({ lufs, truePeakDb, rangeLu }, measured) {
  const gain = lufs - measured.integratedLufs;
  const peak = Math.max(-9, truePeakDb - marginDb);
  if (measured.truePeakDb !== null && measured.truePeakDb + gain <= peak) return `volume=${gain.toFixed(2)}dB`;
  return [
    `loudnorm=I=${lufs}:TP=${peak}:LRA=${Math.min(50, Math.max(rangeLu, measured.rangeLu ?? 0))}`,
    `measured_I=${within(measured.integratedLufs, -99, 0)}`,
    `measured_TP=${within(measured.truePeakDb ?? 0, -99, 99)}`,
    `measured_LRA=${within(measured.rangeLu ?? 0, 0, 99)}`,
    `measured_thresh=${within(measured.thresholdLufs, -99, 0)}`,
  ].join(':');
}

/**
 * Keeps peaks between the samples below a ceiling as well: at four times the rate they are samples. What is below stays
 * as it is.
 */
export const limitTo = (ceilingDb) =>
  `aresample=192000,alimiter=limit=${Math.max(0.0625, 10 ** (ceilingDb / 20)).toFixed(5)}:attack=1:release=10:level=0`;

const within = (value, least, most) => Math.min(most, Math.max(least, value));
