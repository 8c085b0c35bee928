import { Link } from 'react-router';
import { useList } from '../api/queries.js';
import type { Json, Trigger } from '../api/types.js';
import { Command } from '../ui/command.js';
import { Empty } from '../ui/empty.js';
import { ListPage } from './list-page.js';
import { TopicPlace } from './topic-place.js';

export function TriggersPage() {
  const list = useList('triggers');
  return (
    <ListPage
      title="Triggers"
      list={list}
      columns={['Name', 'When', 'Starts', 'State']}
      row={(trigger) => (
        <tr key={trigger.name}>
          <td>{trigger.name}</td>
          <td>{when(trigger)}</td>
          <td>{target(trigger)}</td>
          <td>
            {trigger.enabled ? 'On' : <span className="muted">Off</span>}
            {trigger.kind === 'topic' && <TopicPlace trigger={trigger.name} />}
          </td>
        </tr>
      )}
      empty={
        <Empty title="No trigger listens">
          <p>A trigger starts a workflow or a function when an object arrives, a message comes or a time is there:</p>
          <Command>{createCommand(location.origin)}</Command>
        </Empty>
      }
    />
  );
}

/** What it listens to, as a sentence. */
function when({ kind, source }: Trigger): string {
  if (kind === 'topic') return `${source.batch ? 'messages' : 'a message'} on topic ${String(source.topic)}`;
  if (kind === 'schedule') return `${String(source.cron)}${source.timezone ? ` (${String(source.timezone)})` : ''}`;
  if (kind !== 'object') return kind;
  const events = Array.isArray(source.events) ? source.events.join(' or ') : 'created';
  const prefix = source.prefix ? ` under ${listed(source.prefix)}` : '';
  const suffix = source.suffix ? ` ending in ${listed(source.suffix)}` : '';
  const keys = source.keys ? ` like ${listed(source.keys)}` : '';
  const filters = ['exclude', 'size', 'contentType', 'metadata'].filter((name) => source[name] !== undefined);
  const filtered = filters.length > 0 ? `, filtered by ${filters.join(', ')}` : '';
  return `an object ${events} in ${String(source.bucket)}${prefix}${suffix}${keys}${filtered}${settled(source.settle)}`;
}

const listed = (oneOrMore: Json): string => (Array.isArray(oneOrMore) ? oneOrMore.join(' or ') : String(oneOrMore));

function settled(settle: Json | undefined): string {
  if (typeof settle !== 'object' || settle === null || Array.isArray(settle)) return '';
  return 'marker' in settle
    ? `, when ${String(settle.marker)} is there`
    : `, quiet for ${String(settle.quietSeconds)} s`;
}

function target({ target: { workflow, function: name } }: Trigger) {
  if (workflow) return <Link to={`/workflows/${encodeURIComponent(workflow)}`}>{workflow}</Link>;
  return `function ${name}`;
}

function createCommand(origin: string): string {
  return `curl ${origin}/v1/triggers -H "Authorization: Bearer $SPOOL_API_KEY" \\
  -H 'Content-Type: application/json' -d '{"name":"on-upload","kind":"object",
    "source":{"bucket":"uploads","suffix":".mp4"},"target":{"workflow":"hello"}}'`;
}
