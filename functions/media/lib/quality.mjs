import { MediaError } from './errors.mjs';
import { ffmpeg, input } from './ffmpeg.mjs';

const round = (value, digits = 4) => Math.round(value * 10 ** digits) / 10 ** digits;
const least = (values) => values.reduce((min, value) => Math.min(min, value), Number.POSITIVE_INFINITY);

/** Every picture's value, of lines such as "n:1 Y:0.98 U:… All:0.981 (17.2)". Equal pictures are `inf` to PSNR. */
const valuesOf = (text, name) =>
  [...text.matchAll(new RegExp(`^n:\\d+ .*?${name}:(\\S+)`, 'gm'))].map(([, value]) =>
    value === 'inf' ? 100 : Number(value),
  );

const metrics = {
  ssim: { filter: 'ssim=stats_file=-', value: 'All' },
  psnr: { filter: 'psnr=stats_file=-', value: 'psnr_avg' },
};

/**
 * How much a film is like its reference, picture by picture, in the reference's size. Pictures are matched by their
 * order, so both must have the same.
 */
export async function compare({ distorted, reference }, metric, { size, frames, onSeconds }) {
  const { filter, value } = metrics[metric];
  const even = `scale=${size.width}:${size.height}:flags=bicubic,setsar=1,format=yuv420p,settb=1/1000,setpts=N`;
  const graph = `[0:V:0]${even}[a];[1:V:0]${even}[b];[a][b]${filter}[v]`;
  const args = [...input(distorted), ...input(reference), '-filter_complex', graph, '-map', '[v]', '-f', 'null', '-'];
  const { stdout } = await ffmpeg(args, { doing: `measuring ${metric.toUpperCase()}`, onSeconds });
  const values = valuesOf(stdout, value);
  // Exit code 0 is not success: what cannot be decoded is left out of the comparison.
  if (values.length < (frames === undefined ? 1 : frames * 0.98 - 1))
    throw new MediaError(
      'Media.TruncatedInput',
      `only ${values.length} of ${frames ?? 'all'} frames could be compared`,
    );
  const average = values.reduce((sum, each) => sum + each, 0) / values.length;
  return { average: round(average), minimum: round(least(values)), frames: values.length };
}

/** Where ffmpeg was built with it; else `Media.Unsupported`. */
export async function vmaf({ distorted, reference }, { size, onSeconds }) {
  const even = `scale=${size.width}:${size.height}:flags=bicubic,setsar=1,format=yuv420p,settb=1/1000,setpts=N`;
  const graph = `[0:V:0]${even}[a];[1:V:0]${even}[b];[a][b]libvmaf[v]`;
  const args = [...input(distorted), ...input(reference), '-filter_complex', graph, '-map', '[v]', '-f', 'null', '-'];
  const { stderr } = await ffmpeg(args, { doing: 'measuring VMAF', onSeconds, level: 'info' });
  const average = Number(/VMAF score: ([\d.]+)/.exec(stderr)?.[1] ?? Number.NaN);
  if (Number.isNaN(average)) throw new MediaError('Media.Failed', 'the filter libvmaf printed no score');
  return { average };
}
