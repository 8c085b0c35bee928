import { useObjectUrl } from '../api/queries.js';
import { Problem } from '../api/problem.js';
import type { ObjectUrl } from '../api/types.js';
import { Icon } from '../ui/icon.js';
import { bytes } from '../ui/size.js';
import { mediaKind } from './media-kind.js';
import { Player } from './player.js';
import { StreamPlayer } from './stream-player.js';
import { TextPreview } from './text-preview.js';

interface MediaCardProps {
  readonly bucket: string;
  readonly objectKey: string;
  readonly isGiven: boolean;
}

export function MediaCard({ bucket, objectKey, isGiven }: MediaCardProps) {
  const { data, error, isPending, refetch } = useObjectUrl(bucket, objectKey);
  const name = nameOf(objectKey);
  return (
    <figure className="media">
      <div className="media-stage">
        {data && <Stage bucket={bucket} objectKey={objectKey} data={data} onExpired={() => void refetch()} />}
        {isPending && <span className="muted small">Loading…</span>}
        {error && <span className="muted small">{why(error)}</span>}
      </div>
      <figcaption>
        <span className="media-name" title={`${bucket}/${objectKey}`}>
          {name}
        </span>
        <span className="muted small media-facts">
          {isGiven && <span className="tag">input</span>}
          <span>{bucket}</span>
          {data?.size !== undefined && <span>{bytes(data.size)}</span>}
          {data?.contentType && <span>{data.contentType}</span>}
        </span>
        {data && (
          <a
            className="icon-button"
            href={data.url}
            target="_blank"
            rel="noreferrer"
            download={name}
            title="Download"
            aria-label={`Download ${name}`}
          >
            <Icon name="download" />
          </a>
        )}
      </figcaption>
    </figure>
  );
}

interface StageProps {
  readonly bucket: string;
  readonly objectKey: string;
  readonly data: ObjectUrl;
  readonly onExpired: () => void;
}

function Stage({ bucket, objectKey, data, onExpired }: StageProps) {
  const kind = mediaKind(data.contentType, objectKey);
  const name = nameOf(objectKey);
  switch (kind) {
    case 'stream':
      return <StreamPlayer bucket={bucket} objectKey={objectKey} name={name} />;
    case 'json':
    case 'text':
      return <TextPreview url={data.url} size={data.size} isJson={kind === 'json'} name={name} />;
    case 'video':
    case 'audio':
    case 'image':
    case 'other':
      return <Player url={data.url} kind={kind} name={name} onExpired={onExpired} />;
  }
}

const nameOf = (key: string) => key.slice(key.lastIndexOf('/') + 1);

function why(error: unknown): string {
  if (error instanceof Problem && error.status === 404) return 'This object is not there (any more).';
  return error instanceof Error ? error.message : String(error);
}
