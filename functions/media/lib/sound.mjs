import { audioArguments } from './encode.mjs';
import { ffmpeg, input } from './ffmpeg.mjs';
import { checkBitrate, invalid } from './parameters.mjs';
import { endOfSound, probe } from './probe.mjs';
import { checkOutput, ofMp4, produce } from './verify.mjs';

const ipod = ['-f', 'ipod', '-movflags', '+faststart'];
const formats = {
  m4a: { codec: 'aac', muxer: ipod },
  mp3: { codec: 'mp3', muxer: ['-f', 'mp3', '-id3v2_version', '3'] },
  opus: { codec: 'opus', muxer: ['-f', 'opus'] },
  ogg: { codec: 'vorbis', muxer: ['-f', 'ogg'] },
  flac: { codec: 'flac', muxer: ['-f', 'flac'] },
  alac: { codec: 'alac', muxer: ipod },
  wav: { codec: 'wav', muxer: ['-f', 'wav'] },
};
const lossless = ['flac', 'alac', 'wav'];
const opusRates = [8_000, 12_000, 16_000, 24_000, 48_000];

/** What the schema cannot say: what goes with which format. */
export function checkSound({ format, bitrate, channels, sampleRate }) {
  checkBitrate(bitrate, '/bitrate', [8_000, 1_000_000]);
  const problems = [];
  const say = (pointer, message) => problems.push({ pointer, message });
  if (bitrate !== undefined && lossless.includes(format))
    say('/bitrate', `must not be given for ${format}, which is lossless`);
  if (format === 'mp3' && channels > 2) say('/channels', 'must be at most 2 for mp3');
  if (format === 'mp3' && sampleRate > 48_000) say('/sampleRate', 'must be at most 48000 for mp3');
  if (format === 'opus' && sampleRate && !opusRates.includes(sampleRate))
    say('/sampleRate', `must be one of ${opusRates.join(', ')} for opus`);
  if (problems.length > 0) throw invalid(problems);
}

/** Some containers tell the length in their head, whatever follows: what counts is where the last packet ends. */
async function soundToItsEnd(path) {
  const facts = await probe(path);
  const end = await endOfSound(path);
  return { ...facts, duration: Math.min(facts.duration ?? end, end) };
}

/** Encodes one track into a file of its own, and looks at it. `filter` and `tags` are optional. */
export function encodeSound(job, { destination, track = 0, sound, filter, tags = 'drop' }) {
  const { source, wanted, report } = job;
  const { codec, muxer } = formats[wanted.format];
  const { format, duration } = job.facts;
  const seconds = sound.duration ?? duration;
  const options = [
    '-map',
    `0:a:${track}`,
    '-vn',
    '-sn',
    '-dn',
    ...(filter ? ['-af', filter] : []),
    ...audioArguments({ ...wanted, codec }, sound),
    ...(tags === 'keep' ? ['-map_metadata', '0'] : ['-map_metadata', '-1']),
    // More than allowed, so that a source that is too long is noticed and not cut.
    '-t',
    String(wanted.maxDurationSeconds + 2),
    ...muxer,
  ];
  return produce(
    destination,
    (partial) =>
      ffmpeg([...input(source), ...options, `file:${partial}`], { doing: 'encoding the audio', onSeconds: report }),
    (made) =>
      job.salvage(() => checkOutput(made, { seconds, format, limitSeconds: wanted.maxDurationSeconds, audio: true })),
    tags === 'drop' && muxer === ipod ? ofMp4 : soundToItsEnd,
  );
}
