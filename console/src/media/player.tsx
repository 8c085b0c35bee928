import { useState } from 'react';
import { Icon } from '../ui/icon.js';
import type { MediaKind } from './media-kind.js';

interface PlayerProps {
  readonly url: string;
  readonly kind: Exclude<MediaKind, 'stream' | 'json' | 'text'>;
  readonly name: string;
  readonly onExpired: () => void;
}

/** Plays what a browser can play. The first failure may be an address that ran out, so it gets one new address. */
export function Player({ url, kind, name, onExpired }: PlayerProps) {
  const [failedUrls, setFailedUrls] = useState<readonly string[]>([]);
  const onError = () => {
    setFailedUrls((before) => [...before, url]);
    if (failedUrls.length === 0) onExpired();
  };
  if (failedUrls.includes(url))
    return <span className="muted small">This browser cannot show it; it can be downloaded.</span>;
  switch (kind) {
    case 'video':
      // A moment into the clip stands a picture more often than in its very first frame.
      return (
        <video
          key={url}
          src={`${url}#t=0.1`}
          controls
          preload="metadata"
          playsInline
          aria-label={name}
          onError={onError}
        />
      );
    case 'audio':
      return <audio key={url} src={url} controls preload="metadata" aria-label={name} onError={onError} />;
    case 'image':
      return <img key={url} src={url} alt={name} loading="lazy" decoding="async" onError={onError} />;
    case 'other':
      return (
        <a href={url} target="_blank" rel="noreferrer" download={name} className="button">
          <Icon name="download" /> Download
        </a>
      );
  }
}
