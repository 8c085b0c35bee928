import { usePlace } from '../api/queries.js';

/** How far a topic trigger is behind, beside whether it is on. */
export function TopicPlace({ trigger }: { trigger: string }) {
  const { data } = usePlace(trigger);
  if (!data) return null;
  const { lag, waiting, running, resetTo } = data;
  const parts = [
    lag > 0 ? `${lag.toLocaleString()} to read` : 'all read',
    ...(waiting > 0 ? [`${waiting.toLocaleString()} waiting`] : []),
    ...(running > 0 ? [`${running.toLocaleString()} running`] : []),
    ...(resetTo === undefined ? [] : ['being reset']),
  ];
  return <span className="muted"> · {parts.join(', ')}</span>;
}
