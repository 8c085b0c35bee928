import { writeFile } from 'node:fs/promises';
import { joined } from './lib/damage.mjs';
import { MediaError } from './lib/errors.mjs';
import { ffmpeg, ffprobe, guard, input, listInput } from './lib/ffmpeg.mjs';
import { fileOf, filesOf, invalid, parametersOf } from './lib/parameters.mjs';
import { probe } from './lib/probe.mjs';
import { percentReporter } from './lib/progress.mjs';
import { ofMp4, produce } from './lib/verify.mjs';

const maxOffsetSeconds = 0.05;

/** Chunks one after the other, as they say: what is not a chunk of that many frames is refused. */
async function checkChunks(files, chunks) {
  if (files.length !== chunks.length)
    throw invalid([{ pointer: '/chunks', message: 'must name objects; files are missing' }]);
  for (const [index, file] of files.entries()) {
    const { video } = await ofMp4(file);
    if (video[0]?.frames !== chunks[index].frames)
      throw new MediaError(
        'Media.InvalidInput',
        `chunk ${index} has ${video[0]?.frames} frames instead of ${chunks[index].frames}`,
      );
  }
}

/** The container rounds a chunk's length to a millisecond; with the true length in the list nothing drifts. */
const listOf = (files, chunks) =>
  [
    'ffconcat version 1.0',
    ...files.map(
      (file, index) =>
        `file '${file.replaceAll("'", "'\\\\''")}'\nduration ${chunks[index].durationSeconds.toFixed(6)}`,
    ),
    '',
  ].join('\n');

/** When each stream begins and ends, for the distance between picture and sound. */
async function spans(path) {
  const { answer } = await ffprobe([
    ...guard,
    '-show_entries',
    'stream=codec_type,start_time,duration',
    `file:${path}`,
  ]);
  const of = (type) => answer.streams.find((stream) => stream.codec_type === type);
  return [of('video'), of('audio')].map(
    (stream) => stream && { start: Number(stream.start_time), seconds: Number(stream.duration) },
  );
}

async function check(made, path, wanted) {
  const frames = wanted.chunks.reduce((sum, chunk) => sum + chunk.frames, 0);
  const seconds = wanted.chunks.reduce((sum, chunk) => sum + chunk.durationSeconds, 0);
  const [found] = made.video;
  if (found?.frames !== frames) throw new MediaError('Media.BadOutput', `${found?.frames} frames instead of ${frames}`);
  // What has no sound needs no second look.
  const [video, audio] = made.hasAudio ? await spans(path) : [{ seconds: found.duration }];
  if (Math.abs(video.seconds - seconds) > seconds / frames)
    throw new MediaError('Media.BadOutput', `${video.seconds} s of video instead of ${seconds}`);
  const late = wanted.audioStartSeconds - wanted.videoStartSeconds;
  if (audio && Math.abs(audio.start - video.start - late) > maxOffsetSeconds)
    throw new MediaError('Media.BadOutput', `sound begins ${(audio.start - video.start) * 1_000} ms after the picture`);
  return { frames, avOffsetMs: audio ? Math.round((audio.start - video.start) * 1e6) / 1e3 : undefined };
}

export async function handler(event, context) {
  const wanted = parametersOf(event, import.meta.url);
  const files = filesOf(context.inputs, 'chunks');
  await checkChunks(files, wanted.chunks);
  const destination = fileOf(context.outputs, 'video', 'destination');
  const list = `${destination}.list`;
  await writeFile(list, listOf(files, wanted.chunks));
  const sound = context.inputs.audio;
  if (sound && !(await probe(sound)).hasAudio) throw new MediaError('Media.NoAudioStream', '/audio has no sound');
  // Where the picture began in the source, beside its sound.
  const late = wanted.videoStartSeconds > 0 ? ['-itsoffset', wanted.videoStartSeconds.toFixed(6)] : [];
  const args = [
    ...late,
    ...listInput(list),
    ...(sound ? [...input(sound), '-map', '0:v', '-map', '1:a:0'] : ['-map', '0:v']),
  ];
  const report = percentReporter(
    context,
    wanted.chunks.reduce((sum, chunk) => sum + chunk.durationSeconds, 0),
  );
  let sync;
  const made = await produce(
    destination,
    (partial) =>
      ffmpeg([...args, '-c', 'copy', '-movflags', '+faststart', '-f', 'mp4', `file:${partial}`], {
        doing: 'merging',
        onSeconds: report,
      }),
    async (found, partial) => (sync = await check(found, partial, wanted)),
    ofMp4,
  );
  report.done();
  const damage = joined(wanted.chunks.map((chunk) => chunk.damage));
  return { object: wanted.destination, ...made, ...sync, ...(damage && { damage }) };
}
