import { sql } from '@app/common';
import type { Cluster } from '../../support/cluster.js';

/** What was started, by the text that the executions of a workflow got as `what`, and how often. */
export async function startsOf(cluster: Cluster, workflow: string): Promise<Map<string, number>> {
  const rows = await cluster.postgres.database.query<{ what: string; count: number }>(sql`
    select coalesce(input, stored_value(id, input_place))->>'what' as what, count(*)::int as count
    from execution where workflow = ${workflow} group by 1`);
  return new Map(rows.map(({ what, count }) => [what, count]));
}

/** Of what was asked for: what never started, and what started more than once. */
export function compare(expected: readonly string[], starts: ReadonlyMap<string, number>) {
  return {
    missed: expected.filter((what) => !starts.has(what)),
    twice: [...starts].flatMap(([what, count]) => (count > 1 ? [what] : [])),
  };
}
