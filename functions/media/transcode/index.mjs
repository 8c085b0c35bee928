import { audioArguments, checkCodecs, containers, fit, softwareFor, videoArguments } from './lib/encode.mjs';
import { firstThatWorks, hardwareArguments, hardwareFor } from './lib/encoders.mjs';
import { MediaError } from './lib/errors.mjs';
import { watched } from './lib/damage.mjs';
import { ffmpeg, keepTimes, input } from './lib/ffmpeg.mjs';
import { trackOf } from './lib/function.mjs';
import { checkBitrate, fileOf, parametersOf } from './lib/parameters.mjs';
import { countShownFrames, probe } from './lib/probe.mjs';
import { percentReporter } from './lib/progress.mjs';
import { checkDuration, checkFrames, checkOutput, expectedSeconds, produce } from './lib/verify.mjs';

function readParameters(event) {
  const { container, video, audio, ...others } = parametersOf(event, import.meta.url);
  const [defaultVideo, defaultAudio] = [containers[container].video[0], containers[container].audio[0]];
  checkBitrate(video.bitrate, '/video/bitrate', [10_000, 200_000_000]);
  checkBitrate(video.maxBitrate, '/video/maxBitrate', [10_000, 200_000_000]);
  checkBitrate(audio.bitrate, '/audio/bitrate', [8_000, 1_000_000]);
  const wanted = {
    ...others,
    container,
    video: { codec: defaultVideo, ...video },
    audio: { codec: defaultAudio, ...audio },
  };
  checkCodecs(container, wanted.video, wanted.audio);
  return wanted;
}

/** The streams to encode; a source without sound gives a result without sound, but one without picture is refused. */
function choose(facts, { video, audio }) {
  if (video.codec !== 'none' && !facts.hasVideo) throw new MediaError('Media.NoVideoStream', 'the source has no video');
  if (video.codec === 'none' && !facts.hasAudio) throw new MediaError('Media.NoAudioStream', 'the source has no audio');
  return {
    picture: video.codec === 'none' ? undefined : facts.video[0],
    sound: audio.codec === 'none' || !facts.hasAudio ? undefined : trackOf(facts, audio.track),
  };
}

function encode(source, wanted, { picture, sound, size, encoder }) {
  return (partial, onSeconds) =>
    ffmpeg(
      [
        ...(encoder ? hardwareArguments(encoder, wanted.video).before : []),
        ...input(source),
        ...(picture
          ? [
              '-map',
              '0:V:0',
              ...videoArguments(wanted.video, size, { source: picture, encoder }),
              ...keepTimes(wanted.video.fps ? {} : picture),
            ]
          : ['-vn']),
        ...(sound ? ['-map', `0:a:${wanted.audio.track ?? 0}`, ...audioArguments(wanted.audio, sound)] : ['-an']),
        ...'-sn -dn -map_chapters -1 -max_muxing_queue_size 4096'.split(' '),
        // One second more than allowed, so that a source that is too long is noticed and not cut.
        '-t',
        String(wanted.maxDurationSeconds + 2),
        ...containers[wanted.container].muxer,
        `file:${partial}`,
      ],
      { doing: 'encoding', onSeconds },
    );
}

async function framesOf(source, made, { picture, seconds, fps }) {
  if (!picture) return undefined;
  if (fps) return Math.round((picture.duration ?? seconds) * fps);
  // Frames that an edit list hides are counted in the header too: only then is the exact count worth reading the file.
  const isSuspicious = picture.frames !== undefined && made.video[0].frames < picture.frames;
  return isSuspicious ? countShownFrames(source) : picture.frames;
}

export async function handler(event, context) {
  const wanted = readParameters(event);
  const source = fileOf(context.inputs, 'source', 'source');
  const destination = fileOf(context.outputs, 'video', 'destination');
  const facts = wanted.facts ?? (await probe(source));
  checkDuration(facts, wanted.maxDurationSeconds);
  const chosen = choose(facts, wanted);
  const { picture, sound } = chosen;
  const size = picture && fit(picture, wanted.video);
  const seconds = expectedSeconds(facts, [picture, sound].filter(Boolean));
  const report = percentReporter(context, seconds);
  const encodeWith = (salvage) => async (encoder) => {
    const run = encode(source, wanted, { ...chosen, size, encoder });
    return produce(
      destination,
      (partial) => run(partial, report),
      async (output) => {
        const { maxDurationSeconds: limitSeconds } = wanted;
        const expected = { seconds, format: facts.format, limitSeconds, size, audio: sound !== undefined };
        await salvage(() => checkOutput(output, expected));
        const frames = await framesOf(source, output, { picture, seconds, fps: wanted.video.fps });
        await salvage(() => checkFrames(output, frames));
      },
    );
  };
  const { acceleration } = wanted.video;
  const streams = [...(picture ? ['video'] : []), ...(sound ? ['audio'] : [])];
  const reading = { sources: [{ path: source, facts }], streams, onDamage: wanted.onDamage };
  const made = await watched(reading, async (salvage) => {
    if (!picture) return encodeWith(salvage)();
    const how = { acceleration, software: softwareFor(wanted.video) };
    return firstThatWorks(await hardwareFor(wanted.video), encodeWith(salvage), how);
  });
  report.done();
  return { object: wanted.destination, ...made };
}
