interface MeterProps {
  readonly label: string;
  readonly used: number;
  /** Without one there is no limit. */
  readonly total?: number;
  readonly text?: (amount: number) => string;
}

const plain = (amount: number): string => amount.toLocaleString('en');

/** How much of something is taken. */
export function Meter({ label, used, total, text = plain }: MeterProps) {
  const percent = total === undefined || total === 0 ? 0 : Math.min(100, (used / total) * 100);
  return (
    <div className="progress">
      <div className="progress-text small">
        <span>{label}</span>
        <span className="number">
          {text(used)} of {total === undefined ? 'as many as there is room for' : text(total)}
        </span>
      </div>
      {total !== undefined && (
        <div
          className="progress-track"
          role="meter"
          aria-label={label}
          aria-valuemin={0}
          aria-valuemax={total}
          aria-valuenow={used}
        >
          <span className="progress-bar" style={{ width: `${percent}%` }} />
        </div>
      )}
    </div>
  );
}
