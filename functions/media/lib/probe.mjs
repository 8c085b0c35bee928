import { open, stat } from 'node:fs/promises';
import { classify, MediaError } from './errors.mjs';
import { ffprobe, guard } from './ffmpeg.mjs';

const maxTagBytes = 1_024;
const maxTags = 64;

const number = (text) => (Number.isFinite(Number.parseFloat(text)) ? Number.parseFloat(text) : undefined);
const rate = (text = '') => {
  const [up, down = 1] = text.split('/').map(Number);
  return up > 0 && down > 0 ? Math.round((up / down) * 1_000) / 1_000 : undefined;
};
const cut = (text) =>
  Buffer.from(String(text))
    .subarray(0, maxTagBytes)
    .toString('utf8')
    .replace(/\uFFFD+$/, '');

/** A file may carry a title of 100 KB; what comes back is small whatever the file says. */
const tagsOf = (tags = {}) =>
  Object.fromEntries(
    Object.entries(tags)
      .slice(0, maxTags)
      .map(([name, value]) => [cut(name).toLowerCase(), cut(value)]),
  );

const micros = (seconds) => Math.round(seconds * 1e6) / 1e6;

/** libavformat writes into Matroska when something ends, where others write how long it lasts. */
const saysEnds = ({ format_name: names = '', tags = {} }) =>
  names.startsWith('matroska') && (tags.ENCODER ?? tags.encoder ?? '').startsWith('Lavf');

/** Seconds of a stream. Matroska says it only in a tag: "00:00:30.037000000". */
function secondsOf({ duration, start_time: start, tags = {} }, format) {
  const [hours, minutes, seconds] = (tags.DURATION ?? '').split(':').map(Number);
  if (number(duration) !== undefined) return number(duration);
  if (!Number.isFinite(seconds)) return undefined;
  const told = hours * 3_600 + minutes * 60 + seconds;
  return saysEnds(format) ? micros(told - Math.max(0, number(start) ?? 0)) : told;
}

function wholeSeconds(format) {
  const told = number(format.duration);
  return told !== undefined && saysEnds(format) ? micros(told - Math.max(0, number(format.start_time) ?? 0)) : told;
}

/** How long after the file's first picture or sample a stream begins; undefined if it is the first. */
function startOf({ start_time: own }, { start_time: first }) {
  const late = micros((number(own) ?? 0) - (number(first) ?? 0));
  return late > 0 ? late : undefined;
}

/** Degrees clockwise by which a player turns the picture: 0, 90, 180 or 270. */
function rotationOf({ side_data_list: sideData = [], tags = {} }) {
  const matrix = sideData.find(({ rotation }) => rotation !== undefined);
  const clockwise = matrix ? -matrix.rotation : Number(tags.rotate ?? 0);
  return (((Math.round(clockwise / 90) * 90) % 360) + 360) % 360;
}

/** The size a player shows: with square pixels, turned upright. */
function displayedSize(stream) {
  const [x, y] = (stream.sample_aspect_ratio ?? '1:1').split(':').map(Number);
  const width = x > 0 && y > 0 ? Math.round((stream.width * x) / y) : stream.width;
  return rotationOf(stream) % 180 === 0 ? { width, height: stream.height } : { width: stream.height, height: width };
}

const withoutUndefined = (object) =>
  Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined));

const common = (stream, format) => ({
  index: stream.index,
  codec: stream.codec_name ?? 'unknown',
  profile: stream.profile,
  duration: secondsOf(stream, format),
  startSeconds: startOf(stream, format),
  bitrate: number(stream.bit_rate),
  language: stream.tags?.language && cut(stream.tags.language),
});

const isInterlaced = ({ field_order: order }) => ['tt', 'bb', 'tb', 'bt'].includes(order);

/** The least common rate of all frames is not the average. Of half pictures it may be twice as much. */
function isVariable(stream) {
  const [average, least] = [rate(stream.avg_frame_rate), rate(stream.r_frame_rate)];
  return average > 0 && least > 0 && !isInterlaced(stream) && Math.abs(least / average - 1) > 0.01;
}

const videoFacts = (stream, format) =>
  withoutUndefined({
    ...common(stream, format),
    ...displayedSize(stream),
    codedWidth: stream.width,
    codedHeight: stream.height,
    rotation: rotationOf(stream),
    frameRate: rate(stream.avg_frame_rate) ?? rate(stream.r_frame_rate),
    frames: number(stream.nb_read_packets ?? stream.nb_frames),
    pixelFormat: stream.pix_fmt,
    variableRate: isVariable(stream) || undefined,
    interlaced: isInterlaced(stream) || undefined,
    hdr: ['smpte2084', 'arib-std-b67'].includes(stream.color_transfer),
  });

const audioFacts = (stream, format) =>
  withoutUndefined({
    ...common(stream, format),
    channels: stream.channels,
    channelLayout: stream.channel_layout,
    sampleRate: number(stream.sample_rate),
  });

const shortNames = { matroska: 'mkv', jpeg_pipe: 'jpg', png_pipe: 'png', webp_pipe: 'webp', asf: 'wmv' };

/** ffprobe names a demuxer ("mov,mp4,m4a,…"); the brand says which of the family it is. */
function formatOf({ format_name: names = '', tags = {} }) {
  const [first] = names.split(',');
  if (first !== 'mov') return shortNames[first] ?? first;
  const brand = (tags.major_brand ?? '').trim();
  if (brand === 'qt') return 'mov';
  return brand.startsWith('M4A') ? 'm4a' : 'mp4';
}

const isPicture = (stream) => stream.disposition?.attached_pic === 1;

function kindOf(format, video, audio) {
  if (format.format_name.endsWith('_pipe')) return 'image';
  if (video.length > 0) return 'video';
  return audio.length > 0 ? 'audio' : 'other';
}

/** What is neither seen, heard nor read, such as a clock (tmcd): `data`, and what the clock says at the beginning. */
function otherTracks(streams) {
  const data = streams.filter(({ codec_type: type }) => type === 'data');
  if (data.length === 0) return {};
  const { timecode } = data.find(({ tags }) => tags?.timecode)?.tags ?? {};
  const tracks = data.map(({ index, codec_tag_string: codec }) => ({ index, codec }));
  return { data: tracks, ...(timecode && { timecode: cut(timecode) }) };
}

function factsOf({ format, streams = [] }, size) {
  const ofType = (type) => streams.filter((stream) => stream.codec_type === type);
  const video = ofType('video').filter((stream) => !isPicture(stream) && stream.width > 0);
  const audio = ofType('audio').filter((stream) => stream.codec_name && stream.channels > 0);
  const kind = kindOf(format, video, audio);
  return withoutUndefined({
    kind,
    format: formatOf(format),
    duration: kind === 'image' ? undefined : wholeSeconds(format),
    size,
    bitrate: kind === 'image' ? undefined : number(format.bit_rate),
    hasVideo: kind === 'video',
    hasAudio: audio.length > 0,
    video: video.map((stream) => videoFacts(stream, format)),
    audio: audio.map((stream) => audioFacts(stream, format)),
    subtitles: ofType('subtitle').map((stream) => withoutUndefined(common(stream, format))),
    attachedPictures: streams.filter(isPicture).length,
    ...otherTracks(streams),
    tags: tagsOf(format.tags),
  });
}

/** The facts of a media file. `countPackets` reads it whole, so that `frames` is what is there, not what it says. */
export async function probe(path, { countPackets } = {}) {
  const { size } = await stat(path).catch(() => {
    throw new MediaError('Media.InvalidInput', 'the file is not there');
  });
  if (size === 0) throw new MediaError('Media.InvalidInput', 'the file is empty');
  const count = countPackets ? ['-count_packets'] : [];
  const { answer, stderr } = await ffprobe(
    [...guard, ...count, '-show_format', '-show_streams', `file:${path}`],
    'reading the file',
  );
  if (!answer.format) throw new MediaError('Media.InvalidInput', `not a media file: ${stderr.slice(-500)}`);
  // ffprobe goes on without the stream, and says 0 by its exit code.
  if (classify(stderr) === 'Media.ResourceLimit')
    throw new MediaError('Media.ResourceLimit', stderr.trim().slice(-500));
  const facts = factsOf(answer, size);
  if (facts.kind === 'other' && facts.subtitles.length + facts.attachedPictures === 0)
    throw await nothingIn(path, answer);
  if (facts.kind === 'image' && facts.video.length === 0) throw await nothingIn(path, answer);
  return facts;
}

/** Why a file that has a format has nothing that could be seen, heard or read. */
async function nothingIn(path, { format, streams = [] }) {
  if (format.format_name === 'webp_pipe' && (await isMovingWebp(path)))
    return new MediaError(
      'Media.Unsupported',
      'ffmpeg does not read a WebP that moves (animated): send a GIF, PNG or film of it',
    );
  const found = streams.map((stream) => stream.codec_tag_string ?? stream.codec_type).join(', ');
  const what = found ? `only ${found.slice(0, 200)}, damaged or of no use` : 'nothing';
  return new MediaError('Media.InvalidInput', `the file has no picture, sound or text that could be read: ${what}`);
}

/** RIFF, WEBP, then the chunk VP8X, whose second flag bit says so. */
async function isMovingWebp(path) {
  const file = await open(path);
  try {
    const { buffer } = await file.read(Buffer.alloc(21), 0, 21, 0);
    return buffer.toString('latin1', 12, 16) === 'VP8X' && (buffer[20] & 2) !== 0;
  } finally {
    await file.close();
  }
}

/** When the last packet of the first sound track ends. Reads the whole file. */
export async function endOfSound(path) {
  const entries = ['-select_streams', 'a:0', '-show_entries', 'packet=pts_time,duration_time:format=start_time'];
  const { answer } = await ffprobe([...guard, ...entries, `file:${path}`], 'reading the sound');
  const { pts_time: start, duration_time: length = '0' } = answer.packets.at(-1) ?? { pts_time: '0' };
  return micros(Number(start) + Number(length) - (number(answer.format.start_time) ?? 0));
}

/** How many frames of the first video stream are shown: without those an edit list hides. Reads the whole file. */
export async function countShownFrames(path) {
  const entries = ['-select_streams', 'V:0', '-show_entries', 'packet=flags'];
  const { answer } = await ffprobe([...guard, ...entries, `file:${path}`], 'counting frames');
  return answer.packets.filter(({ flags }) => !flags.includes('D')).length;
}
