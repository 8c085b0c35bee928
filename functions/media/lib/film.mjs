import { audioArguments, containers, encoderArguments } from './encode.mjs';
import { ffmpeg } from './ffmpeg.mjs';
import { countShownFrames } from './probe.mjs';
import { checkFrames, checkOutput, produce } from './verify.mjs';

const defaults = { preset: 'veryfast', crf: 20 };

/** How functions that change a picture encode it: well enough to go on from. */
export const filmArguments = ({ video, sound }) => [
  ...encoderArguments({ codec: 'h264', ...defaults, ...video }),
  ...(sound ? audioArguments({ codec: 'aac' }, sound) : ['-an']),
];

/** Frames that an edit list hides are counted in the header too: only then is the exact count worth reading the file. */
const framesOf = (source, made, frames) =>
  source && made.video[0].frames < frames ? countShownFrames(source) : frames;

/**
 * Encodes to mp4 and looks at it. `args` are the inputs, filters and maps; `expected` is what the result must be:
 * { seconds, size, frames, audio }, and `isPart` if it ends there and not with the source.
 */
export function produceFilm(job, { args, video, sound, expected, output = 'video' }) {
  const { wanted, report } = job;
  const limitSeconds = wanted.maxDurationSeconds;
  const end = [
    '-sn',
    '-dn',
    '-map_chapters',
    '-1',
    '-max_muxing_queue_size',
    '4096',
    '-t',
    String(expected.isPart ? expected.seconds : limitSeconds + 2),
  ];
  return produce(
    job.output(output),
    (partial) =>
      ffmpeg([...args, ...filmArguments({ video, sound }), ...end, ...containers.mp4.muxer, `file:${partial}`], {
        doing: 'encoding',
        onSeconds: report,
        cwd: expected.cwd,
      }),
    async (made) => {
      const { format } = job.facts ?? {};
      await job.salvage(() => checkOutput(made, { ...expected, format, limitSeconds, audio: sound !== undefined }));
      const frames = expected.isPart ? expected.frames : await framesOf(job.source, made, expected.frames);
      await job.salvage(() => checkFrames(made, frames));
    },
  );
}
