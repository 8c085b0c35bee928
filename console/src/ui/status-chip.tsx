import { Icon, type IconName } from './icon.js';

/** Colour and shape of a status, so that nobody has to tell colours apart. */
const looks: Record<string, { tone: string; icon?: IconName; text: string }> = {
  QUEUED: { tone: 'idle', icon: 'clock', text: 'Queued' },
  RUNNING: { tone: 'running', text: 'Running' },
  PUBLISHING: { tone: 'running', text: 'Publishing' },
  RETRYING: { tone: 'warning', icon: 'clock', text: 'Retrying' },
  SUCCEEDED: { tone: 'success', icon: 'check', text: 'Succeeded' },
  CAUGHT: { tone: 'warning', icon: 'warning', text: 'Error caught' },
  FAILED: { tone: 'danger', icon: 'cross', text: 'Failed' },
  TIMED_OUT: { tone: 'danger', icon: 'clock', text: 'Timed out' },
  ABORTED: { tone: 'stopped', icon: 'stop', text: 'Stopped' },
  CANCELLED: { tone: 'stopped', icon: 'stop', text: 'Cancelled' },
  IDLE: { tone: 'idle', icon: 'dot', text: 'Not reached' },
};

export function statusText(status: string): string {
  return looks[status]?.text ?? status;
}

export function statusTone(status: string): string {
  return looks[status]?.tone ?? 'idle';
}

export function StatusMark({ status, size = 14 }: { status: string; size?: number }) {
  const look = looks[status];
  if (look?.icon) return <Icon name={look.icon} size={size} />;
  return (
    <span
      className="pulse"
      style={{ width: Math.round(size * 0.6), height: Math.round(size * 0.6) }}
      aria-hidden="true"
    />
  );
}

export function StatusChip({ status }: { status: string }) {
  return (
    <span className="chip" data-tone={statusTone(status)}>
      <StatusMark status={status} />
      {statusText(status)}
    </span>
  );
}
