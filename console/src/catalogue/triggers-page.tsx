import { Link } from 'react-router';
import { useList } from '../api/queries.js';
import { Command } from '../ui/command.js';
import { Empty } from '../ui/empty.js';
import { ListPage } from './list-page.js';
import { sourceText } from './source-text.js';
import { TargetLink } from './target-link.js';
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
          <td>
            <Link to={`/triggers/${encodeURIComponent(trigger.name)}`}>{trigger.name}</Link>
          </td>
          <td>{sourceText(trigger)}</td>
          <td>
            <TargetLink target={trigger.target} />
          </td>
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

function createCommand(origin: string): string {
  return `curl ${origin}/v1/triggers -H "Authorization: Bearer $SPOOL_API_KEY" \\
  -H 'Content-Type: application/json' -d '{"name":"on-upload","kind":"object",
    "source":{"bucket":"uploads","suffix":".mp4"},"target":{"workflow":"hello"}}'`;
}
