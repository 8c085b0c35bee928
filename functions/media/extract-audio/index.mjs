import { audioArguments } from './lib/encode.mjs';
import { MediaError } from './lib/errors.mjs';
import { ffmpeg, input } from './lib/ffmpeg.mjs';
import { checkBitrate, fileOf, invalid, parametersOf } from './lib/parameters.mjs';
import { probe } from './lib/probe.mjs';
import { percentReporter } from './lib/progress.mjs';
import { checkDuration, checkOutput, expectedSeconds, produce } from './lib/verify.mjs';

const formats = {
  m4a: { codec: 'aac', muxer: ['-f', 'ipod', '-movflags', '+faststart'] },
  mp3: { codec: 'mp3', muxer: ['-f', 'mp3', '-id3v2_version', '3'] },
  opus: { codec: 'opus', muxer: ['-f', 'opus'] },
  flac: { codec: 'flac', muxer: ['-f', 'flac'] },
  wav: { codec: 'wav', muxer: ['-f', 'wav'] },
};
const isLossless = (format) => format === 'flac' || format === 'wav';
const opusRates = [8_000, 12_000, 16_000, 24_000, 48_000];

function readParameters(event) {
  const wanted = parametersOf(event, import.meta.url);
  const { format, bitrate, channels, sampleRate } = wanted;
  checkBitrate(bitrate, '/bitrate', [8_000, 1_000_000]);
  const problems = [];
  const say = (pointer, message) => problems.push({ pointer, message });
  if (bitrate !== undefined && isLossless(format))
    say('/bitrate', `must not be given for ${format}, which is lossless`);
  if (format === 'mp3' && channels > 2) say('/channels', 'must be at most 2 for mp3');
  if (format === 'mp3' && sampleRate > 48_000) say('/sampleRate', 'must be at most 48000 for mp3');
  if (format === 'opus' && sampleRate && !opusRates.includes(sampleRate))
    say('/sampleRate', `must be one of ${opusRates.join(', ')} for opus`);
  if (problems.length > 0) throw invalid(problems);
  return wanted;
}

export async function handler(event, context) {
  const wanted = readParameters(event);
  const source = fileOf(context.inputs, 'source', 'source');
  const destination = fileOf(context.outputs, 'audio', 'destination');
  const facts = await probe(source);
  checkDuration(facts, wanted.maxDurationSeconds);
  if (!facts.hasAudio) throw new MediaError('Media.NoAudioStream', 'the source has no audio');
  const [sound] = facts.audio;
  const seconds = expectedSeconds(facts, [sound]);
  const { codec, muxer } = formats[wanted.format];
  const report = percentReporter(context, seconds);
  const options = [
    ...audioArguments({ ...wanted, codec }, sound),
    '-t',
    String(wanted.maxDurationSeconds + 2),
    ...muxer,
  ];
  const made = await produce(
    destination,
    (partial) =>
      ffmpeg([...input(source), '-map', '0:a:0', '-vn', '-sn', '-dn', ...options, `file:${partial}`], {
        doing: 'encoding the audio',
        onSeconds: report,
      }),
    (output) => checkOutput(output, { seconds, limitSeconds: wanted.maxDurationSeconds, audio: true }),
  );
  report.done();
  return { object: wanted.destination, ...made };
}
