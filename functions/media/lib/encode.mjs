import { bitsPerSecond, invalid } from './parameters.mjs';

const mp4 = { muxer: ['-f', 'mp4', '-movflags', '+faststart'], video: ['h264', 'hevc'], audio: ['aac', 'mp3', 'opus'] };

/** What a container is made with and may hold; the first codec is the default. */
export const containers = {
  mp4,
  mov: { muxer: ['-f', 'mov', '-movflags', '+faststart'], video: ['h264', 'hevc'], audio: ['aac', 'mp3'] },
  mkv: { muxer: ['-f', 'matroska'], video: ['h264', 'hevc', 'vp8', 'vp9'], audio: ['aac', 'mp3', 'opus', 'vorbis'] },
  webm: { muxer: ['-f', 'webm'], video: ['vp9', 'vp8'], audio: ['opus', 'vorbis'] },
};

const presets = ['ultrafast', 'superfast', 'veryfast', 'faster', 'fast', 'medium', 'slow', 'slower', 'veryslow'];
const x26x = ({ preset }) => ['-preset', preset];
/** libvpx counts the other way round, from 8 (fast) to 0. */
const vpx = ({ preset }) => [
  '-deadline',
  'good',
  '-cpu-used',
  String(presets.length - 1 - presets.indexOf(preset)),
  '-row-mt',
  '1',
];

const videoCodecs = {
  h264: { encoder: 'libx264', crf: 23, maxCrf: 51, speed: x26x, more: [] },
  hevc: {
    encoder: 'libx265',
    crf: 28,
    maxCrf: 51,
    speed: x26x,
    more: ['-tag:v', 'hvc1', '-x265-params', 'log-level=error'],
  },
  vp8: { encoder: 'libvpx', crf: 20, maxCrf: 63, speed: (video) => vpx(video).slice(0, 4), more: ['-b:v', '2M'] },
  vp9: { encoder: 'libvpx-vp9', crf: 33, maxCrf: 63, speed: vpx, more: ['-b:v', '0'] },
};

const audioCodecs = {
  aac: { encoder: ['-c:a', 'aac'], bitrate: 128_000 },
  mp3: { encoder: ['-c:a', 'libmp3lame'], bitrate: 160_000 },
  opus: { encoder: ['-c:a', 'libopus'], bitrate: 96_000, rates: [8_000, 12_000, 16_000, 24_000, 48_000] },
  vorbis: { encoder: ['-c:a', 'libvorbis'], bitrate: 128_000 },
  flac: { encoder: ['-c:a', 'flac', '-compression_level', '8'] },
  wav: { encoder: ['-c:a', 'pcm_s16le'] },
};

/** What the schema cannot say: which codec goes with which container and which rate control. */
export function checkCodecs(container, video, audio) {
  const problems = [];
  const say = (pointer, message) => problems.push({ pointer, message });
  const { video: videos, audio: audios } = containers[container];
  if (video.codec !== 'none' && !videos.includes(video.codec))
    say('/video/codec', `must be one of ${videos.join(', ')} in ${container}`);
  if (audio.codec !== 'none' && !audios.includes(audio.codec))
    say('/audio/codec', `must be one of ${audios.join(', ')} in ${container}`);
  if (video.codec === 'none' && audio.codec === 'none')
    say('/video/codec', 'must not be none when /audio/codec is none too');
  if (video.crf !== undefined && video.bitrate !== undefined)
    say('/video/crf', 'must not stand together with /video/bitrate');
  const maxCrf = videoCodecs[video.codec]?.maxCrf;
  if (video.crf > maxCrf) say('/video/crf', `must be at most ${maxCrf} for ${video.codec}`);
  const { rates } = audioCodecs[audio.codec] ?? {};
  if (rates && audio.sampleRate && !rates.includes(audio.sampleRate))
    say('/audio/sampleRate', `must be one of ${rates.join(', ')} for ${audio.codec}`);
  if (problems.length > 0) throw invalid(problems);
}

/** The largest even size within the limits, in the source's proportions, never larger than the source. */
export function fit(source, { width = Infinity, height = Infinity }) {
  const scale = Math.min(1, width / source.width, height / source.height);
  // Down, so that a limit is a limit; 4:2:0 wants even sides.
  const even = (length) => Math.max(2, 2 * Math.floor((length * scale + 0.001) / 2));
  return { width: even(source.width), height: even(source.height) };
}

/** ffmpeg turns the picture upright before its filters, so `size` is the displayed one. */
export const scale = ({ width, height }, format = 'yuv420p') => `scale=${width}:${height},setsar=1,format=${format}`;

export function videoArguments(video, size) {
  const codec = videoCodecs[video.codec];
  const quality =
    video.bitrate === undefined
      ? ['-crf', String(video.crf ?? codec.crf)]
      : ['-b:v', String(bitsPerSecond(video.bitrate))];
  // The filter and not -r, which adds frames at the end.
  const filters = [...(video.fps ? [`fps=${video.fps}`] : []), scale(size)].join(',');
  return ['-vf', filters, '-c:v', codec.encoder, ...codec.speed(video), ...codec.more, ...quality];
}

/** Lossy formats become stereo unless more is asked for: few players take 5.1 in them. */
export function audioArguments(audio, source) {
  const { encoder, bitrate } = audioCodecs[audio.codec];
  const channels = audio.channels ?? (bitrate ? Math.min(source.channels, 2) : undefined);
  const rate = bitrate && ['-b:a', String(bitsPerSecond(audio.bitrate) ?? bitrate)];
  return [
    ...encoder,
    ...(rate ?? []),
    ...(channels ? ['-ac', String(channels)] : []),
    ...(audio.sampleRate ? ['-ar', String(audio.sampleRate)] : []),
  ];
}
