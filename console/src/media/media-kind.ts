export type MediaKind = 'stream' | 'video' | 'audio' | 'image' | 'json' | 'text' | 'other';

const endings: Record<string, MediaKind> = {
  ...kinds('stream', 'm3u8'),
  ...kinds('video', 'mp4 m4v webm mov ogv'),
  ...kinds('audio', 'mp3 m4a aac ogg oga opus wav flac'),
  ...kinds('image', 'jpg jpeg png gif webp avif svg'),
  ...kinds('json', 'json'),
  ...kinds('text', 'vtt srt ass txt csv mpd xml'),
};
/** Before the families: one playlist type calls itself audio. */
const types: readonly (readonly [RegExp, MediaKind])[] = [
  [/^(application|audio)\/(vnd\.apple\.|x-)?mpegurl\b/i, 'stream'],
  [/^video\//, 'video'],
  [/^audio\//, 'audio'],
  [/^image\//, 'image'],
  [/^application\/([\w.-]+\+)?json\b/, 'json'],
  [/^text\/|^application\/(x-subrip|([\w.-]+\+)?xml)\b/, 'text'],
];

function kinds(kind: MediaKind, names: string): Record<string, MediaKind> {
  return Object.fromEntries(names.split(' ').map((name) => [name, kind]));
}

/** By what the store says the object is; by its name where the store does not know. */
export function mediaKind(contentType: string | undefined, key: string): MediaKind {
  if (contentType && contentType !== 'application/octet-stream' && contentType !== 'binary/octet-stream')
    return types.find(([type]) => type.test(contentType))?.[1] ?? 'other';
  return kindByName(key);
}

export function kindByName(key: string): MediaKind {
  return endings[key.slice(key.lastIndexOf('.') + 1).toLowerCase()] ?? 'other';
}
