import { useQuery } from '@tanstack/react-query';
import { JsonView, parsed } from '../ui/json-view.js';
import { bytes } from '../ui/size.js';

const longest = 65_536;

interface TextPreviewProps {
  readonly url: string;
  readonly size: number | undefined;
  readonly isJson: boolean;
  readonly name: string;
}

/** The beginning of subtitles, playlists and data. Only what is whole can be read as JSON. */
export function TextPreview({ url, size = longest, isJson, name }: TextPreviewProps) {
  const { data, error } = useQuery({
    queryKey: ['text', url],
    enabled: size > 0,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
    queryFn: ({ signal }) => beginning(url, signal),
  });
  if (size === 0) return <span className="muted small">It is empty.</span>;
  if (error) return <span className="muted small">It cannot be read; it can be downloaded.</span>;
  if (data === undefined) return <span className="muted small">Loading…</span>;
  if (isJson && size <= longest) {
    const value = parsed(data);
    if (typeof value === 'object') return <JsonView value={value} label={name} />;
  }
  return (
    <pre tabIndex={0} role="group" aria-label={name}>
      {data}
      {size > longest && <span className="muted">{`\n… the first ${bytes(longest)} of ${bytes(size)}`}</span>}
    </pre>
  );
}

async function beginning(url: string, signal: AbortSignal): Promise<string> {
  const response = await fetch(url, { signal, headers: { range: `bytes=0-${longest - 1}` } });
  if (!response.ok) throw new Error(`The object store answered ${response.status}`);
  return response.text();
}
