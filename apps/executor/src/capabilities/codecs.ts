/** One encoder or decoder and the arguments of ffmpeg that try it. The program exits with 0 if it works. */
export interface Trial {
  readonly codec: string;
  readonly args: readonly string[];
}

const QUIET = ['-hide_banner', '-nostdin', '-v', 'error'];
/** Hardware encoders refuse very small pictures. */
const PICTURE = ['-f', 'lavfi', '-i', 'testsrc2=size=320x240:rate=10:duration=0.4'];
const SOUND = ['-f', 'lavfi', '-i', 'sine=duration=0.2'];
const NOWHERE = ['-f', 'null', '-'];
const VAAPI_DEVICE = '/dev/dri/renderD128';

const VIDEO = ['libx264', 'libx265', 'libsvtav1', 'libaom-av1', 'libvpx', 'libvpx-vp9', 'mpeg4', 'mjpeg', 'prores_ks'];
const AUDIO = ['aac', 'libfdk_aac', 'libmp3lame', 'libopus', 'libvorbis', 'flac', 'ac3'];
const HARDWARE = ['nvenc', 'vaapi', 'qsv', 'amf', 'videotoolbox', 'v4l2m2m'].flatMap((kind) =>
  ['h264', 'hevc', 'av1'].map((codec) => `${codec}_${kind}`),
);
export const isHardware = (codec: string): boolean => /_(nvenc|vaapi|qsv|amf|videotoolbox|v4l2m2m)$/.test(codec);

/** What a decoder is tried on is made by the first of these encoders that works. */
const SAMPLES: Readonly<Record<string, { readonly by: readonly string[]; readonly decoders: readonly string[] }>> = {
  h264: { by: ['libx264', 'h264_nvenc'], decoders: ['h264', 'h264_cuvid', 'h264_qsv'] },
  hevc: { by: ['libx265', 'hevc_nvenc'], decoders: ['hevc', 'hevc_cuvid', 'hevc_qsv'] },
  av1: { by: ['libsvtav1', 'libaom-av1', 'av1_nvenc'], decoders: ['libdav1d', 'av1', 'av1_cuvid', 'av1_qsv'] },
  vp9: { by: ['libvpx-vp9'], decoders: ['vp9', 'vp9_cuvid', 'vp9_qsv'] },
  vp8: { by: ['libvpx'], decoders: ['vp8', 'vp8_cuvid'] },
  mpeg4: { by: ['mpeg4'], decoders: ['mpeg4', 'mpeg4_cuvid'] },
};

/** Names in what `ffmpeg -encoders` or `-decoders` writes: " V....D libx264   description", below a line of dashes. */
export const listed = (text: string): ReadonlySet<string> =>
  new Set([...text.matchAll(/^ [VAS][A-Z.]{5} (\S+)/gm)].map(([, name = '']) => name).filter((name) => name !== '='));

/** What a build of ffmpeg says it has need not work here: an H100 has no encoder, whatever the list says. */
export const encoderTrials = (built: ReadonlySet<string>): Trial[] =>
  [
    ...[...VIDEO, ...HARDWARE].map((codec) => ({ codec, args: [...QUIET, ...videoArgs(codec), ...NOWHERE] })),
    ...AUDIO.map((codec) => ({ codec, args: [...QUIET, ...SOUND, '-c:a', codec, '-strict', '-2', ...NOWHERE] })),
  ].filter(({ codec }) => built.has(codec));

function videoArgs(codec: string): string[] {
  const encode = ['-frames:v', '3', '-c:v', codec];
  if (codec.endsWith('_vaapi'))
    return ['-vaapi_device', VAAPI_DEVICE, ...PICTURE, '-vf', 'format=nv12,hwupload', ...encode];
  if (codec === 'mjpeg') return [...PICTURE, '-pix_fmt', 'yuvj420p', ...encode];
  if (codec === 'prores_ks') return [...PICTURE, '-pix_fmt', 'yuv422p10le', ...encode];
  return [...PICTURE, '-pix_fmt', isHardware(codec) ? 'nv12' : 'yuv420p', ...encode];
}

export interface Sample {
  readonly make: (file: string) => string[];
  readonly trials: (file: string) => Trial[];
}

export function samples(encoders: readonly string[], built: ReadonlySet<string>): Sample[] {
  return Object.values(SAMPLES).flatMap(({ by, decoders }) => {
    const encoder = by.find((codec) => encoders.includes(codec));
    if (!encoder) return [];
    return {
      make: (file: string) => [...QUIET, '-y', ...videoArgs(encoder), '-f', 'matroska', file],
      trials: (file: string) =>
        decoders
          .filter((codec) => built.has(codec))
          .map((codec) => ({ codec, args: [...QUIET, '-xerror', '-c:v', codec, '-i', file, ...NOWHERE] })),
    };
  });
}
