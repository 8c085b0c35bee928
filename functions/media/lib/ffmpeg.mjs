import { AsyncLocalStorage } from 'node:async_hooks';
import { spawn } from 'node:child_process';
import { MediaError, failure } from './errors.mjs';

const formats =
  'mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,mpegts,mpeg,mpegvideo,flv,asf,ogg,mp3,aac,flac,wav,w64,aiff,caf,amr,ac3,eac3,' +
  'dts,mxf,gif,png_pipe,jpeg_pipe,webp_pipe,ivf,h264,hevc,m4v,ape,wv,tta,srt,ass,webvtt';

/**
 * Stands before every `-i`: no network, no playlists that lead to other files, no pictures or stream counts that eat
 * the memory. `image2` stays out of the list: it is chosen by the file's name, and would take SVG.
 */
export const guard = [
  '-protocol_whitelist',
  'file',
  '-format_whitelist',
  formats,
  ...'-max_pixels 67108864 -max_streams 64 -probesize 20M -analyzeduration 20M'.split(' '),
];

/** `file:` keeps a name that looks like a URL or a protocol from being one. */
export const input = (path) => [...guard, '-i', `file:${path}`];

export const programs = {
  ffmpeg: () => process.env.FFMPEG_PATH || 'ffmpeg',
  ffprobe: () => process.env.FFPROBE_PATH || 'ffprobe',
};

const stallMs = () => Number(process.env.MEDIA_STALL_SECONDS || 60) * 1_000;
const graceMs = 3_000;
const maxStderr = 64 * 1_024;
const maxStdout = 64 * 1_024 * 1_024;

/** Kills a process that shows no sign of life for a while: SIGTERM, then SIGKILL. */
function watchdog(child, limitMs) {
  let stalled = false;
  let kill;
  const stop = () => {
    stalled = true;
    child.kill('SIGTERM');
    // A stopped process takes SIGTERM only when it is continued.
    child.kill('SIGCONT');
    kill = setTimeout(() => child.kill('SIGKILL'), graceMs);
  };
  let timer = setTimeout(stop, limitMs);
  return {
    alive() {
      if (stalled) return;
      clearTimeout(timer);
      timer = setTimeout(stop, limitMs);
    },
    end() {
      clearTimeout(timer);
      clearTimeout(kill);
      return stalled;
    },
  };
}

function collect(stream, limit, onData) {
  let text = '';
  stream.setEncoding('utf8').on('data', (chunk) => {
    text = (text + chunk).slice(-limit);
    onData?.(chunk);
  });
  return () => text;
}

const notFound = (program) =>
  new MediaError(
    'Media.Unsupported',
    `${program} is not installed here: install it (apt-get install ffmpeg) or set FFMPEG_PATH and FFPROBE_PATH`,
  );

/**
 * Runs a program to its end: { code, signal, stdout, stderr }. Output on stdout and on fd 3 counts as a sign of life
 * (fd 3 only where `onProgress` says that something moved). The process stays in our process group: whoever kills the
 * function's group kills it too.
 */
function run(program, args, { onProgress, onData, onWords, cwd, signal: ending } = {}) {
  return new Promise((resolve, reject) => {
    const stdio = ['ignore', 'pipe', 'pipe', onProgress ? 'pipe' : 'ignore'];
    const child = spawn(program, args, { cwd, signal: ending, stdio });
    const dog = watchdog(child, stallMs());
    if (onData) child.stdout.on('data', (bytes) => (dog.alive(), onData(bytes)));
    const stdout = onData ? () => '' : collect(child.stdout, maxStdout, () => dog.alive());
    const stderr = collect(child.stderr, maxStderr, onWords && ((text) => (dog.alive(), onWords(text))));
    child.stdio[3]?.setEncoding('utf8').on('data', (text) => onProgress(text) && dog.alive());
    child.once('error', (error) => {
      dog.end();
      reject(error.code === 'ENOENT' || error.code === 'EACCES' ? notFound(program) : error);
    });
    child.once('close', (code, signal) => {
      if (dog.end())
        reject(new MediaError('Media.Stalled', `${program} showed no progress for ${stallMs() / 1_000} seconds`));
      else resolve({ code, signal, stdout: stdout(), stderr: stderr() });
    });
  });
}

/**
 * Reads `-progress` blocks: key=value lines that end in progress=continue or progress=end. Tells whether anything
 * has moved since the last one, for ffmpeg prints them in a standstill too.
 */
function progressReader(onSeconds) {
  let rest = '';
  const last = {};
  return (text) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop();
    let moved = false;
    for (const [key, value] of lines.map((line) => line.trim().split('='))) {
      if (!['frame', 'out_time_us', 'total_size'].includes(key) || last[key] === value) continue;
      last[key] = value;
      moved = true;
      // 0 or N/A before the first packet.
      if (key === 'out_time_us' && Number(value) > 0) onSeconds(Number(value) / 1e6);
    }
    return moved;
  };
}

/** `ffprobe`'s answer, parsed. */
export async function ffprobe(args, doing = 'ffprobe') {
  const result = await run(programs.ffprobe(), ['-v', 'error', '-of', 'json', ...args]);
  if (result.code !== 0) throw failure(result, doing);
  return { answer: JSON.parse(result.stdout), stderr: result.stderr };
}

const fpsMode = '-fps_mode';
/** Its name before 5.1. Asking for the version first would cost a start of the program each time. */
const fpsModeBefore = '-vsync';
let isOld = false;

/** Runs it with the options that this build has. */
async function runFfmpeg(args, options) {
  const known = isOld ? args.map((arg) => (arg === fpsMode ? fpsModeBefore : arg)) : args;
  const result = await run(programs.ffmpeg(), known, options);
  if (isOld || !/Unrecognized option 'fps_mode'/.test(result.stderr)) return result;
  isOld = true;
  return runFfmpeg(args, options);
}

const listeners = new AsyncLocalStorage();

/** `hear` gets the words of every ffmpeg that `work` runs. With `goesOn` none ends for how much it could not decode. */
export const overhear = ({ hear, goesOn }, work) => listeners.run({ hear, goesOn }, work);

/**
 * Runs ffmpeg; `onSeconds` hears how much of the output is made, `onData` gets the bytes of stdout and `onWords` the
 * text of stderr. Gives back what it printed, and how much of the output it made: { stdout, stderr, seconds }. `level`
 * `info` is for filters that print their findings.
 */
export async function ffmpeg(args, { doing, onSeconds = () => {}, level = 'warning', ...options }) {
  const { hear, goesOn } = listeners.getStore() ?? {};
  // The level of each message tells damage from other remarks.
  const globals = ['-hide_banner', '-nostdin', '-nostats', '-v', `level+${level}`, '-y', '-progress', 'pipe:3'];
  let seconds = 0;
  const onProgress = progressReader((at) => onSeconds((seconds = at)));
  const result = await runFfmpeg([...globals, ...(goesOn ? ['-max_error_rate', '1'] : []), ...args], {
    ...options,
    onProgress,
  });
  hear?.(result.stderr);
  if (result.code !== 0 || result.signal) throw failure(result, doing);
  if (/No space left on device/i.test(result.stderr)) throw failure(result, doing);
  return { ...result, seconds };
}

/** How frames get their times: `vfr`, `cfr` or `passthrough`. */
export const timing = (mode) => [fpsMode, mode];

/**
 * Frames keep their times: none is repeated to fill a gap, which may be as long as a file likes to say. At a varying
 * rate they are told finely: an encoder counts in frames of the average rate, and would move them there, or drop some.
 */
export const keepTimes = ({ variableRate } = {}) => [
  ...timing('vfr'),
  ...(variableRate ? ['-enc_time_base', '1:90000'] : []),
];

/** These have no index: a seek lands anywhere, and what comes before the next key frame is lost. */
export const hasNoIndex = (format) => ['mpegts', 'mpeg'].includes(format);

/** Further back than any broadcaster's key frames are apart. */
const wayBackSeconds = 30;

const at = (seconds) => (seconds > 0 ? ['-ss', seconds.toFixed(6)] : []);

/**
 * A part of a file, to the frame: `before` has the input and stands first, `after` among the output's options. `length`
 * is optional.
 */
export function part(path, { format, start, length }) {
  const end = length === undefined ? [] : ['-t', length.toFixed(6)];
  if (!hasNoIndex(format)) return { before: [...at(start), ...end, ...input(path)], after: [] };
  const near = Math.max(0, start - wayBackSeconds);
  return { before: [...at(near), ...input(path)], after: [...at(start - near), ...end] };
}

/** A list of our own making of files that were looked at: the one place where `concat` is allowed. */
export const listInput = (path) => [
  '-protocol_whitelist',
  'file',
  '-format_whitelist',
  `concat,${formats}`,
  '-f',
  'concat',
  '-safe',
  '0',
  '-i',
  `file:${path}`,
];
