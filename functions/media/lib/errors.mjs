/** What can go wrong with media. The name is what a workflow's Retry and Catch see. */
export class MediaError extends Error {
  constructor(name, message, details = {}) {
    super(message);
    this.name = name;
    Object.assign(this, details);
  }
}

/**
 * What ffmpeg says when it fails, the decisive pattern first. Its exit code says little: 1 for nearly everything,
 * 8 or others in later versions, and 0 for a full disk in a trailer.
 */
const patterns = [
  ['Media.DiskFull', /No space left on device|Disk quota exceeded/i],
  // Before memory: ffmpeg answers too many streams with "Cannot allocate memory" as well.
  ['Media.ResourceLimit', /exceeds specified max pixel count|exceeds max_streams/i],
  [
    'Media.HardwareUnavailable',
    /Cannot load (?:libcuda|libnvidia-encode|nvcuda|nvEncodeAPI)|capable devices found|OpenEncodeSessionEx failed|Failed to initialise VAAPI|No VA display|MFX session|Device creation failed|Failed to set value '[^']*' for option 'vaapi_device'|Driver does not support the required nvenc/i,
  ],
  ['Media.OutOfMemory', /Cannot allocate memory|std::bad_alloc/i],
  ['Media.InvalidInput', /not on whitelist|unsafe file name/i],
  [
    'Media.Unsupported',
    /Unknown (?:en|de)coder|No such filter|Unrecognized option|Option not found|Decoder .* not found|Automatic encoder selection failed/i,
  ],
  [
    'Media.Unsupported',
    /not currently supported in container|Could not find tag for codec|not a suitable output format|Only VP8 or VP9 or AV1|encoding is currently only possible from text to text|support is experimental/i,
  ],
  ['Media.TruncatedInput', /partial file|File ended prematurely/i],
  [
    'Media.InvalidInput',
    /moov atom not found|Invalid data found when processing input|could not find codec parameters|error while decoding|EBML header parsing failed|Header missing|No such file or directory/i,
  ],
];

/** Without the addresses of ffmpeg's objects and the levels that we asked for. */
export const plain = (words) =>
  words.replace(/\[(\S+) @ 0x[0-9a-f]+\] /g, '[$1] ').replace(/\[(?:fatal|error|warning|info)\] /g, '');

const lastWords = (stderr) => plain(stderr.trim().split('\n').slice(-4).join('\n')).slice(-1_500);

/** The name for a failed or doubtful run; undefined if its words say nothing that is known. */
export const classify = (stderr) => patterns.find(([, pattern]) => pattern.test(stderr))?.[0];

/** The error of a process that ended badly. */
export function failure({ code, signal, stderr }, doing) {
  const words = lastWords(stderr);
  if (signal === 'SIGXFSZ' || signal === 'SIGXCPU' || code === 153) {
    return new MediaError('Media.ResourceLimit', `${doing}: ended by a resource limit (${signal ?? code})`);
  }
  const name = classify(stderr);
  if (name) return new MediaError(name, `${doing}: ${words}`);
  if (signal === 'SIGKILL' || code === 137)
    return new MediaError('Media.OutOfMemory', `${doing}: killed, most likely for memory`);
  if (signal || code === 255) return new MediaError('Media.Killed', `${doing}: ended by ${signal ?? 'a signal'}`);
  return new MediaError('Media.Failed', `${doing}: exit code ${code}\n${words}`);
}
