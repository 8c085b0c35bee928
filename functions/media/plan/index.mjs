import { MediaError } from './lib/errors.mjs';
import { ffprobe, guard, hasNoIndex } from './lib/ffmpeg.mjs';
import { mediaFunction } from './lib/function.mjs';
import { rungsFor } from './lib/rungs.mjs';

const maxChunks = 500;
/** An executor with some cores encodes two chunks at a time faster than one after the other. */
const leastParallel = 2;

/** Times of all pictures in the order they are shown; without those an edit list hides. */
async function framesOf(path) {
  const entries =
    'packet=pts_time,flags,duration_time:stream=avg_frame_rate,r_frame_rate:format=format_name,start_time';
  const { answer } = await ffprobe(
    [...guard, '-select_streams', 'V:0', '-show_entries', entries, `file:${path}`],
    'reading the frames',
  );
  const packets = answer.packets.filter(({ flags }) => !flags.includes('D'));
  const { format, streams } = answer;
  const times = packets.map(({ pts_time: time }) => Number(time)).toSorted((a, b) => a - b);
  if (times.some((time) => !Number.isFinite(time))) throw new MediaError('Media.Unsupported', 'a frame has no time');
  const keys = packets.filter(({ flags }) => flags.startsWith('K')).map(({ pts_time: time }) => Number(time));
  return {
    times,
    stream: streams[0],
    // A seek counts from where the file begins, which may be with its sound.
    origin: Math.min(times[0], Number(format.start_time) || 0),
    mayBegin: hasNoIndex(format.format_name) ? (time) => keys.includes(time) : () => true,
    last: Number(packets.at(-1)?.duration_time) || 0,
  };
}

/** Constant if every picture is where the rate puts it; a container in milliseconds rounds by half of one. */
function constantRate(times, { r_frame_rate: text }) {
  const [up, down] = text.split('/').map(Number);
  const seconds = down / up;
  const isConstant = times.every(
    (time, index) => Math.abs(time - times[0] - index * seconds) < Math.min(0.002, seconds / 4),
  );
  return isConstant ? text : undefined;
}

const executorsThere = () => Math.max(leastParallel, Number(process.env.SPOOL_EXECUTORS) || 0);

/** As many as keep the executors busy, of 10 seconds or more, each a whole number of segments long. */
function lengthFor(seconds, { chunkSeconds, parallel = executorsThere(), segmentSeconds }) {
  const wanted = Math.max(chunkSeconds ?? Math.max(10, Math.min(60, seconds / parallel)), seconds / maxChunks);
  return Math.max(1, Math.round(wanted / segmentSeconds)) * segmentSeconds;
}

/**
 * Spans of pictures: nothing is cut, each encoder seeks to its own. Physical cutting loses frames of open GOPs. A last
 * one of less than half the length goes to the one before.
 */
function chunksOf({ times, origin, mayBegin, last }, length) {
  const end = times.at(-1) + (last || (times.at(-1) - times[0]) / Math.max(1, times.length - 1));
  const starts = [0];
  for (let at = length; at < end - times[0] - length / 2; at += length) {
    const index = times.findIndex((time) => time - times[0] >= at - 1e-6 && mayBegin(time));
    if (index > starts.at(-1)) starts.push(index);
  }
  return starts.map((from, index) => {
    const to = starts[index + 1] ?? times.length;
    const seconds = (starts[index + 1] === undefined ? end : times[to]) - times[from];
    return {
      index,
      startSeconds: from === 0 ? 0 : Number((times[from] - origin).toFixed(6)),
      frames: to - from,
      durationSeconds: Number(seconds.toFixed(6)),
    };
  });
}

const pictureOf = ({ width, height, duration, startSeconds, frameRate, frames, variableRate, interlaced, hdr }) => ({
  width,
  height,
  duration,
  startSeconds,
  frameRate,
  frames,
  variableRate,
  interlaced,
  hdr,
});
const soundOf = ({ channels, sampleRate, duration, startSeconds }) => ({
  channels,
  sampleRate,
  duration,
  startSeconds,
});

/** What functions need to know of the source, for each of the many tasks that are told it: no tags, no codecs. */
const neededOf = ({ kind, format, duration, hasVideo, hasAudio, video, audio }) => ({
  kind,
  format,
  duration,
  hasVideo,
  hasAudio,
  video: video.map(pictureOf),
  audio: audio.map(soundOf),
});

export const handler = mediaFunction(
  import.meta.url,
  { needs: 'video' },
  async ({ wanted, source, facts, seconds }) => {
    const read = await framesOf(source);
    const frameRate = constantRate(read.times, read.stream);
    const chunks = chunksOf(read, lengthFor(seconds, wanted));
    return {
      duration: seconds,
      frames: read.times.length,
      ...(frameRate && { frameRate }),
      videoStartSeconds: Number((read.times[0] - read.origin).toFixed(6)),
      hasAudio: facts.hasAudio,
      facts: neededOf(facts),
      segmentSeconds: wanted.segmentSeconds,
      rungs: rungsFor(facts.video[0], wanted.maxRungs),
      chunks,
    };
  },
);
