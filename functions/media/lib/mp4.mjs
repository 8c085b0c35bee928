import { open } from 'node:fs/promises';

/**
 * The facts of an MP4 file out of its boxes (ISO/IEC 14496-12), for files as our own ffmpeg makes them: starting
 * ffprobe costs 80 ms of CPU each time, and a pipeline looks at dozens of them.
 *
 *   moov                       one trak per stream: its size, codec, time scale, samples
 *   moof, as many as there are in a stream of segments: more samples
 */
const maxHeader = 64 * 1_024 * 1_024;
const codecs = {
  avc1: 'h264',
  avc3: 'h264',
  hvc1: 'hevc',
  hev1: 'hevc',
  av01: 'av1',
  mp4a: 'aac',
  Opus: 'opus',
  alac: 'alac',
};
const profiles = { 66: 'Baseline', 77: 'Main', 88: 'Extended', 100: 'High', 110: 'High 10', 122: 'High 4:2:2' };

/** Boxes of a buffer: [[name, content], …]; one that is longer than what it is in ends it. */
function boxesOf(buffer) {
  const found = [];
  for (let at = 0; at + 8 <= buffer.length; ) {
    const size = buffer.readUInt32BE(at) || buffer.length - at;
    if (size < 8 || at + size > buffer.length) return undefined;
    found.push([buffer.toString('latin1', at + 4, at + 8), buffer.subarray(at + 8, at + size)]);
    at += size;
  }
  return found;
}

const child = (buffer, ...path) =>
  path.reduce((content, name) => content && boxesOf(content)?.find(([each]) => each === name)?.[1], buffer);
const children = (buffer, name) =>
  (boxesOf(buffer) ?? []).filter(([each]) => each === name).map(([, content]) => content);

/** The heads of a file's boxes, and the content of those that are wanted. Undefined if one is not whole. */
async function* topBoxes(file, wanted) {
  const { size: end } = await file.stat();
  const head = Buffer.alloc(16);
  for (let at = 0; at < end; ) {
    const { bytesRead } = await file.read(head, 0, 16, at);
    if (bytesRead < 8) return yield undefined;
    const name = head.toString('latin1', 4, 8);
    const isLong = head.readUInt32BE(0) === 1;
    const size = isLong ? Number(head.readBigUInt64BE(8)) : head.readUInt32BE(0) || end - at;
    const from = at + (isLong ? 16 : 8);
    if (size < 8 || at + size > end) return yield undefined;
    if (wanted.includes(name)) {
      if (at + size - from > maxHeader) return yield undefined;
      const content = Buffer.alloc(at + size - from);
      await file.read(content, 0, content.length, from);
      yield [name, content];
    }
    at += size;
  }
}

/** Version 1 of a box has 64 bits for its times. */
const times = (box) =>
  box[0] === 1
    ? { scale: box.readUInt32BE(20), ticks: Number(box.readBigUInt64BE(24)), rest: 32 }
    : { scale: box.readUInt32BE(12), ticks: box.readUInt32BE(16), rest: 20 };

const letters = (packed) => String.fromCharCode(...[10, 5, 0].map((bits) => ((packed >> bits) & 31) + 0x60));

/** Where the last sample ends, by the table of chunks: past the end of a file that was cut off. */
function endOfSamples(stbl) {
  const [sizes, groups] = [child(stbl, 'stsz'), child(stbl, 'stsc')];
  const [short, long] = [child(stbl, 'stco'), child(stbl, 'co64')];
  const table = short ?? long;
  const chunks = table.readUInt32BE(4);
  const [fixed, samples] = [sizes.readUInt32BE(4), sizes.readUInt32BE(8)];
  if (chunks === 0 || samples === 0) return 0;
  const last = short ? short.readUInt32BE(4 + chunks * 4) : Number(long.readBigUInt64BE(chunks * 8));
  const inLast = groups.readUInt32BE(8 + (groups.readUInt32BE(4) - 1) * 12 + 4);
  if (fixed) return last + fixed * inLast;
  let end = last;
  for (let index = samples - inLast; index < samples; index++) end += sizes.readUInt32BE(12 + index * 4);
  return end;
}

/** How many samples, and how long they last, by the table of times. */
function samplesOf(stbl) {
  const table = child(stbl, 'stts');
  let [frames, ticks] = [0, 0];
  for (let at = 8; at + 8 <= table.length; at += 8) {
    frames += table.readUInt32BE(at);
    ticks += table.readUInt32BE(at) * table.readUInt32BE(at + 4);
  }
  return { frames, ticks };
}

/** The edit list is what is played: nothing for a while, then the samples without an encoder's delay before the sound. */
function editsOf(list, movieScale) {
  if (list?.[0] !== 0) return { startSeconds: 0 };
  const entries = Array.from({ length: list.readUInt32BE(4) }, (_, index) => ({
    seconds: list.readUInt32BE(8 + index * 12) / movieScale,
    isEmpty: list.readInt32BE(12 + index * 12) === -1,
  }));
  const [empty, shown] = [true, false].map((wanted) => entries.filter(({ isEmpty }) => isEmpty === wanted));
  return {
    startSeconds: empty.reduce((sum, { seconds }) => sum + seconds, 0),
    edits: shown.length === 1 ? shown[0].seconds : undefined,
  };
}

function trackOf(trak, index, movieScale) {
  const header = child(trak, 'tkhd');
  const { scale, ticks, rest } = times(child(trak, 'mdia', 'mdhd'));
  const type = child(trak, 'mdia', 'hdlr').toString('latin1', 8, 12);
  const stbl = child(trak, 'mdia', 'minf', 'stbl');
  const [[name, entry]] = boxesOf(child(stbl, 'stsd').subarray(8));
  const samples = samplesOf(stbl);
  const { startSeconds, edits } = editsOf(child(trak, 'edts', 'elst'), movieScale);
  return {
    id: header.readUInt32BE(header[0] === 1 ? 20 : 12),
    type,
    scale,
    entry,
    index,
    name,
    startSeconds,
    frames: samples.frames,
    language: letters(child(trak, 'mdia', 'mdhd').readUInt16BE(rest)),
    duration: type === 'vide' ? (samples.ticks || ticks) / scale : edits || ticks / scale,
    end: samples.frames > 0 ? endOfSamples(stbl) : 0,
    matrix: header.subarray(header.length - 44, header.length - 8),
  };
}

/** Samples of a fragment, by track: [[id, how many, how many ticks], …]. */
function fragmentsOf(moof) {
  return children(moof, 'traf').map((traf) => {
    const tfhd = child(traf, 'tfhd');
    const runs = children(traf, 'trun');
    return [tfhd.readUInt32BE(4), runs.reduce((sum, run) => sum + run.readUInt32BE(4), 0)];
  });
}

const common = ({ index, name, duration, startSeconds, language }) => ({
  index,
  codec: codecs[name] ?? name,
  duration: Math.round(duration * 1e6) / 1e6,
  ...(startSeconds > 0 && { startSeconds: Math.round(startSeconds * 1e6) / 1e6 }),
  ...(language !== 'und' && { language }),
});

const transfers = { 16: 'PQ', 18: 'HLG' };

/** Of a high dynamic range, by its transfer function (ITU-T H.273); undefined of the standard range. */
const transferOf = (colr) => (colr?.toString('latin1', 0, 4) === 'nclx' ? transfers[colr.readUInt16BE(6)] : undefined);

function videoFacts(track) {
  const { entry, frames, name, matrix } = track;
  const [codedWidth, codedHeight] = [entry.readUInt16BE(24), entry.readUInt16BE(26)];
  const profile = name.startsWith('avc') ? profiles[child(entry.subarray(78), 'avcC')?.[1]] : undefined;
  const transfer = transferOf(child(entry.subarray(78), 'colr'));
  // What is not upright, or has no square pixels, is not of our making.
  const isPlain = matrix.readInt32BE(0) === 0x10000 && matrix.readInt32BE(16) === 0x10000;
  return (
    isPlain && {
      ...common(track),
      ...(profile && { profile }),
      width: codedWidth,
      height: codedHeight,
      codedWidth,
      codedHeight,
      rotation: 0,
      frameRate: track.duration > 0 ? Math.round((frames / track.duration) * 1_000) / 1_000 : undefined,
      frames,
      hdr: transfer !== undefined,
      ...(transfer && { transfer }),
    }
  );
}

/** A sample rate beyond 16 bits is not in the sample entry: then the time scale is it. */
const audioFacts = (track) => ({
  ...common(track),
  channels: track.entry.readUInt16BE(16),
  sampleRate: track.entry.readUInt32BE(24) >>> 16 || track.scale,
  frames: track.frames,
});

async function read(file) {
  const { size } = await file.stat();
  let [moov, brand] = [undefined, ''];
  const more = new Map();
  for await (const found of topBoxes(file, ['ftyp', 'moov', 'moof'])) {
    if (!found) return undefined;
    const [name, content] = found;
    if (name === 'ftyp') brand = content.toString('latin1', 0, 4);
    if (name === 'moov') moov = content;
    if (name === 'moof') for (const [id, count] of fragmentsOf(content)) more.set(id, (more.get(id) ?? 0) + count);
  }
  if (!moov) return undefined;
  const movie = times(child(moov, 'mvhd'));
  const tracks = children(moov, 'trak').map((trak, index) => trackOf(trak, index, movie.scale));
  if (tracks.some(({ end }) => end > size)) return undefined;
  const whole = tracks.map((track) => ({ ...track, frames: track.frames + (more.get(track.id) ?? 0) }));
  const video = whole.filter(({ type }) => type === 'vide').map(videoFacts);
  const audio = whole.filter(({ type }) => type === 'soun').map(audioFacts);
  if (video.length + audio.length !== tracks.length || video.includes(false)) return undefined;
  const duration = Math.max(0, ...whole.map((track) => track.startSeconds + track.duration));
  return {
    kind: video.length > 0 ? 'video' : 'audio',
    format: brand.startsWith('M4A') ? 'm4a' : 'mp4',
    duration: Math.round(duration * 1e6) / 1e6,
    size,
    ...(duration > 0 && { bitrate: Math.round((size * 8) / duration) }),
    hasVideo: video.length > 0,
    hasAudio: audio.length > 0,
    video,
    audio,
    subtitles: [],
    attachedPictures: 0,
    tags: {},
  };
}

/** Undefined of what is not whole, or not as our muxer writes it: then ffprobe has to look. */
export async function readMp4(path) {
  const file = await open(path);
  try {
    return await read(file);
  } catch (error) {
    if (error instanceof RangeError || error instanceof TypeError) return undefined;
    throw error;
  } finally {
    await file.close();
  }
}
