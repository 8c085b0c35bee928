import { Link } from 'react-router';
import { Empty } from '../ui/empty.js';
import { useTitle } from '../ui/use-title.js';

export function NotFoundPage() {
  useTitle('Not found');
  return (
    <Empty title="There is no such page">
      <p>
        <Link to="/executions">All executions</Link>
      </p>
    </Empty>
  );
}
