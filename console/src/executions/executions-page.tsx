import { useSearchParams } from 'react-router';
import { useExecutions, useList } from '../api/queries.js';
import { Loading } from '../ui/loading.js';
import { Paging } from '../ui/paging.js';
import { ProblemBox } from '../ui/problem-box.js';
import { useTitle } from '../ui/use-title.js';
import { ExecutionFilters } from './execution-filters.js';
import { ExecutionTable } from './execution-table.js';
import { NoExecutions } from './no-executions.js';

/** The latest executions; the filter and the place in the list are in the address, so that it can be shared. */
export function ExecutionsPage() {
  useTitle('Executions');
  const [search, setSearch] = useSearchParams();
  const filter = {
    workflow: search.get('workflow') ?? '',
    status: search.get('status') ?? '',
    cursor: search.get('cursor') ?? '',
    mapRun: search.get('mapRun') ?? '',
  };
  const { data, error, refetch, isPlaceholderData } = useExecutions(filter);
  const workflows = useList('workflows');
  const change = (changes: Record<string, string>) => setSearch(changed(search, changes));
  const items = data?.items ?? [];
  return (
    <>
      <div className="page-head">
        <h1>Executions</h1>
        <ExecutionFilters
          filter={filter}
          workflows={(workflows.data ?? []).map((workflow) => workflow.name)}
          onChange={(changes) => change({ ...changes, cursor: '' })}
        />
      </div>
      {error && <ProblemBox error={error} onRetry={() => void refetch()} />}
      {!data && !error && <Loading what="the executions" />}
      {items.length > 0 && <ExecutionTable executions={items} isStale={isPlaceholderData} />}
      {data && items.length === 0 && <NoExecutions isFiltered={Object.values(filter).some(Boolean)} />}
      <Paging cursor={filter.cursor} next={data?.nextCursor} onChange={(cursor) => change({ cursor })} />
    </>
  );
}

function changed(search: URLSearchParams, changes: Record<string, string>): URLSearchParams {
  const next = new URLSearchParams(search);
  for (const [name, value] of Object.entries(changes)) {
    if (value) next.set(name, value);
    else next.delete(name);
  }
  return next;
}
