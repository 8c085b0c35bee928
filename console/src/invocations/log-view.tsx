import { useEffect, useRef, useState } from 'react';
import type { LogLine } from '../api/types.js';
import { CopyButton } from '../ui/copy-button.js';
import { ProblemBox } from '../ui/problem-box.js';
import { clockTime } from '../ui/time.js';
import { mostLines, useLogs } from './use-logs.js';

/** The end of the log, following what comes while the reader stays at the bottom. */
export function LogView({ invocationId, isLive }: { invocationId: string; isLive: boolean }) {
  const [isOpen, setOpen] = useState(true);
  const { data: lines = [], error, isPending } = useLogs(invocationId, isLive, isOpen);
  const box = useRef<HTMLDivElement>(null);
  const follows = useRef(true);
  useEffect(() => {
    if (follows.current) box.current?.scrollTo({ top: box.current.scrollHeight });
  }, [lines]);
  const onScroll = () => {
    const { scrollHeight = 0, scrollTop = 0, clientHeight = 0 } = box.current ?? {};
    follows.current = scrollHeight - scrollTop - clientHeight < 24;
  };
  return (
    <details open={isOpen} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>
        Log <span className="count">{lines.length >= mostLines ? `last ${mostLines}` : lines.length}</span>
      </summary>
      {error && <ProblemBox error={error} />}
      {lines.length === 0 && !error && (
        <p className="muted small">{isPending ? 'Loading…' : isLive ? 'Nothing said yet.' : 'It said nothing.'}</p>
      )}
      {lines.length > 0 && (
        <div className="log">
          <CopyButton text={lines.map((line) => line.line).join('\n')} label="Copy the log" />
          <div
            className="log-lines"
            ref={box}
            onScroll={onScroll}
            tabIndex={0}
            role="log"
            aria-label="Log"
            aria-live="off"
          >
            {lines.map((line, index) => (
              <Line key={line.id} line={line} isNewAttempt={index > 0 && lines[index - 1]?.attempt !== line.attempt} />
            ))}
          </div>
        </div>
      )}
    </details>
  );
}

function Line({ line, isNewAttempt }: { line: LogLine; isNewAttempt: boolean }) {
  return (
    <>
      {isNewAttempt && <p className="log-attempt">Attempt {line.attempt}</p>}
      <div className="log-line" data-stream={line.stream}>
        <time dateTime={line.at}>{clockTime(line.at)}</time>
        <span>{line.line}</span>
      </div>
    </>
  );
}
