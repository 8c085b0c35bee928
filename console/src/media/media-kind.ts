export type MediaKind = 'video' | 'audio' | 'image' | 'other';

const endings: Record<string, MediaKind> = {
  ...kinds('video', 'mp4 m4v webm mov ogv'),
  ...kinds('audio', 'mp3 m4a aac ogg oga opus wav flac'),
  ...kinds('image', 'jpg jpeg png gif webp avif svg'),
};

function kinds(kind: MediaKind, names: string): Record<string, MediaKind> {
  return Object.fromEntries(names.split(' ').map((name) => [name, kind]));
}

/** By what the store says the object is; by its name where the store does not know. */
export function mediaKind(contentType: string | undefined, key: string): MediaKind {
  const [, family] = /^(video|audio|image)\//.exec(contentType ?? '') ?? [];
  if (family) return family as MediaKind;
  if (contentType && contentType !== 'application/octet-stream' && contentType !== 'binary/octet-stream')
    return 'other';
  return endings[key.slice(key.lastIndexOf('.') + 1).toLowerCase()] ?? 'other';
}
