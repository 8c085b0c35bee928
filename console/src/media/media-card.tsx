import { useObjectUrl } from '../api/queries.js';
import { Problem } from '../api/problem.js';
import { Icon } from '../ui/icon.js';
import { bytes } from '../ui/size.js';
import { mediaKind } from './media-kind.js';
import { Player } from './player.js';

interface MediaCardProps {
  readonly bucket: string;
  readonly objectKey: string;
  readonly isGiven: boolean;
}

export function MediaCard({ bucket, objectKey, isGiven }: MediaCardProps) {
  const { data, error, isPending, refetch } = useObjectUrl(bucket, objectKey);
  const name = objectKey.slice(objectKey.lastIndexOf('/') + 1);
  return (
    <figure className="media">
      <div className="media-stage">
        {data && (
          <Player
            url={data.url}
            kind={mediaKind(data.contentType, objectKey)}
            name={name}
            onExpired={() => void refetch()}
          />
        )}
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

function why(error: unknown): string {
  if (error instanceof Problem && error.status === 404) return 'This object is not there (any more).';
  return error instanceof Error ? error.message : String(error);
}
