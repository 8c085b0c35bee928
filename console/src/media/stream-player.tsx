import { useEffect, useRef, useState } from 'react';
import { playStream } from './play-stream.js';

interface StreamPlayerProps {
  readonly bucket: string;
  readonly objectKey: string;
  readonly name: string;
}

/** A playlist with the pictures and the sound it names. What plays it is fetched when there is a stream to play. */
export function StreamPlayer({ bucket, objectKey, name }: StreamPlayerProps) {
  const video = useRef<HTMLVideoElement>(null);
  const [problem, setProblem] = useState<string>();
  useEffect(() => {
    if (!video.current) return;
    const gone = new AbortController();
    playStream(video.current, { bucket, key: objectKey }, { signal: gone.signal, onProblem: setProblem }).catch(() =>
      setProblem('The player could not be loaded.'),
    );
    return () => gone.abort();
  }, [bucket, objectKey]);
  if (problem) return <span className="muted small">{problem}</span>;
  return <video ref={video} controls playsInline aria-label={name} data-stream />;
}
