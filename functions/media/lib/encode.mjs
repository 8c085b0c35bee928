import { hardwareArguments } from './encoders.mjs';
import { bitsPerSecond, invalid } from './parameters.mjs';

const mp4 = {
  muxer: ['-f', 'mp4', '-movflags', '+faststart'],
  video: ['h264', 'hevc', 'av1'],
  audio: ['aac', 'mp3', 'opus'],
};

/** What a container is made with and may hold; the first codec is the default. */
export const containers = {
  mp4,
  mov: { muxer: ['-f', 'mov', '-movflags', '+faststart'], video: ['h264', 'hevc'], audio: ['aac', 'mp3'] },
  mkv: {
    muxer: ['-f', 'matroska'],
    video: ['h264', 'hevc', 'vp8', 'vp9', 'av1'],
    audio: ['aac', 'mp3', 'opus', 'vorbis'],
  },
  webm: { muxer: ['-f', 'webm'], video: ['vp9', 'vp8', 'av1'], audio: ['opus', 'vorbis'] },
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

/** SVT-AV1 counts from 13 (fast) to 0. */
const svt = ({ preset }) => ['-preset', String(12 - presets.indexOf(preset))];

const videoCodecs = {
  h264: { encoder: 'libx264', crf: 23, maxCrf: 51, speed: x26x, more: [] },
  av1: { encoder: 'libsvtav1', crf: 35, maxCrf: 63, speed: svt, more: [] },
  hevc: {
    encoder: 'libx265',
    crf: 28,
    maxCrf: 51,
    speed: x26x,
    more: ['-tag:v', 'hvc1', '-x265-params', 'log-level=error:open-gop=0:scenecut=0'],
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
  alac: { encoder: ['-c:a', 'alac'] },
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
  if (video.keyframeSeconds !== undefined && !['h264', 'hevc'].includes(video.codec))
    say('/video/keyframeSeconds', 'must be left out: only h264 and hevc can place their key frames');
  if (video.maxBitrate !== undefined && !['h264', 'hevc'].includes(video.codec))
    say('/video/maxBitrate', 'must be left out: only h264 and hevc obey it');
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

/** High dynamic range to what 8 bits and every screen can show; without this the colours come out grey. */
const toStandardRange =
  'zscale=t=linear:npl=100,format=gbrpf32le,zscale=p=bt709,tonemap=tonemap=mobius:desat=0,zscale=t=bt709:m=bt709:r=tv';

/** Half pictures to whole ones, as many as there were; what is flagged as whole already stays. */
const toWholePictures = 'bwdif=mode=send_frame:deint=interlaced';

export const toShow = ({ hdr }) => (hdr ? [toStandardRange] : []);

/** The filters that bring a source to `size`. The filter fps and not -r, which adds frames at the end. */
export const filtersFor = (source, { size, fps, format }) =>
  [
    ...(source.interlaced ? [toWholePictures] : []),
    ...toShow(source),
    ...(fps ? [`fps=${fps}`] : []),
    scale(size, format),
  ].join(',');

/** Key frames at the same times in each rendition, whatever the picture shows: players switch there. */
const keyframes = ({ keyframeSeconds }) =>
  keyframeSeconds
    ? ['-g', '9999', '-sc_threshold', '0', '-force_key_frames', `expr:gte(t,n_forced*${keyframeSeconds})`]
    : [];

function quality(video, codec) {
  if (video.bitrate !== undefined) return ['-b:v', String(bitsPerSecond(video.bitrate))];
  const peak = bitsPerSecond(video.maxBitrate);
  const limit = peak ? ['-maxrate', String(peak), '-bufsize', String(peak * 2)] : [];
  return ['-crf', String(video.crf ?? codec.crf), ...limit];
}

/** What encodes a codec without hardware. */
export const softwareFor = ({ codec }) => videoCodecs[codec]?.encoder;

/** The encoder with its options, without filters; by default the software's. */
export function encoderArguments(video, encoder) {
  const codec = videoCodecs[video.codec];
  if (encoder)
    return [...hardwareArguments(encoder, { ...video, crf: video.crf ?? codec.crf }).encoder, ...keyframes(video)];
  return ['-c:v', codec.encoder, ...codec.speed(video), ...codec.more, ...quality(video, codec), ...keyframes(video)];
}

export const videoArguments = (video, size, { source = {}, encoder } = {}) => [
  '-vf',
  filtersFor(source, { size, fps: video.fps }) + (encoder ? hardwareArguments(encoder, video).filter : ''),
  ...encoderArguments(video, encoder),
];

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
