/** How far something is, as it says itself; without a percentage only that it goes on. */
export function ProgressBar({ percent, message }: { percent?: number; message?: string }) {
  const known = percent === undefined ? undefined : Math.min(100, Math.max(0, percent));
  return (
    <div className="progress">
      <div className="progress-text small">
        <span>{message || 'Working'}</span>
        {known !== undefined && <span className="number">{known.toFixed(known < 10 ? 1 : 0)} %</span>}
      </div>
      <div
        className="progress-track"
        role="progressbar"
        aria-label={message || 'Progress'}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={known === undefined ? undefined : Math.round(known)}
      >
        <span className="progress-bar" data-unknown={known === undefined} style={{ width: `${known ?? 30}%` }} />
      </div>
    </div>
  );
}
