import { readFile, stat } from 'node:fs/promises';
import { filtersFor, fit } from './lib/encode.mjs';
import { MediaError } from './lib/errors.mjs';
import { ffmpeg, part } from './lib/ffmpeg.mjs';
import { mediaFunction } from './lib/function.mjs';
import { checkRead, produce } from './lib/verify.mjs';

const palette =
  'split[a][b];[a]palettegen=stats_mode=diff[p];[b][p]paletteuse=dither=bayer:bayer_scale=5:diff_mode=rectangle';

const formats = {
  gif: (filter) => ['-filter_complex', `[0:V:0]${filter},${palette}[v]`, '-map', '[v]', '-loop', '0', '-f', 'gif'],
  webp: (filter) => [
    '-map',
    '0:V:0',
    '-vf',
    filter,
    '-c:v',
    'libwebp',
    '-lossless',
    '0',
    '-q:v',
    '60',
    '-loop',
    '0',
    '-f',
    'webp',
  ],
  mp4: (filter) => [
    '-map',
    '0:V:0',
    '-vf',
    `${filter},format=yuv420p`,
    '-c:v',
    'libx264',
    '-crf',
    '28',
    '-preset',
    'veryfast',
    '-movflags',
    '+faststart',
    '-f',
    'mp4',
  ],
};

/** ffprobe 5.1 cannot read moving WebP: a RIFF file whose chunks ANMF are the frames, and VP8X the canvas. */
async function readWebp(path) {
  const bytes = await readFile(path);
  const [found, end] = [{ frames: 0, ms: 0 }, bytes.length - 8];
  for (let at = 12; at <= end; at += 8 + bytes.readUInt32LE(at + 4) + (bytes.readUInt32LE(at + 4) % 2)) {
    const name = bytes.toString('latin1', at, at + 4);
    if (name === 'ANMF') {
      found.frames += 1;
      found.ms += bytes.readUIntLE(at + 20, 3);
    }
    if (name === 'VP8X')
      Object.assign(found, { width: bytes.readUIntLE(at + 12, 3) + 1, height: bytes.readUIntLE(at + 15, 3) + 1 });
  }
  if (bytes.readUInt32LE(4) + 8 !== bytes.length) throw new MediaError('Media.BadOutput', 'the WebP is not whole');
  return { video: [found], duration: found.ms / 1_000 };
}

function spanOf({ startSeconds, durationSeconds }, seconds) {
  const length = Math.min(durationSeconds, seconds);
  return { start: Math.min(startSeconds ?? seconds / 4, seconds - length), length };
}

export const handler = mediaFunction(
  import.meta.url,
  { needs: 'video', streams: ['video'], span: spanOf },
  async (job) => {
    const { wanted, source, facts, seconds, report, output } = job;
    const { start, length } = spanOf(wanted, seconds);
    const size = fit(facts.video[0], { width: wanted.width });
    const format = wanted.format === 'gif' ? 'rgb24' : 'yuv420p';
    const filter = filtersFor(facts.video[0], { size, fps: wanted.fps, format });
    const { before, after } = part(source, { format: facts.format, start, length });
    // A picture more comes where the time falls between two.
    const frames = String(Math.max(1, Math.round(length * wanted.fps)));
    const path = output('preview');
    const made = await produce(
      path,
      (partial) =>
        ffmpeg(
          [...before, ...after, ...formats[wanted.format](filter), '-frames:v', frames, '-an', `file:${partial}`],
          {
            doing: 'making the preview',
            onSeconds: report,
          },
        ),
      ({ video: [picture], duration }) => {
        const isRight = picture?.width === size.width && picture.height === size.height;
        // Players merge equal frames of a GIF or WebP into one that stays longer.
        if (!isRight || !(picture.frames >= 1))
          throw new MediaError('Media.BadOutput', `no ${size.width}x${size.height} picture that moves`);
        if (picture.frames > 1) checkRead(duration, length);
      },
      wanted.format === 'webp' ? readWebp : undefined,
    );
    const { size: bytes } = await stat(path);
    return {
      object: wanted.destination,
      format: wanted.format,
      startSeconds: start,
      seconds: length,
      frames: made.video[0].frames,
      ...size,
      size: bytes,
    };
  },
);
