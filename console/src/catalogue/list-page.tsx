import type { ReactNode } from 'react';
import { Loading } from '../ui/loading.js';
import { ProblemBox } from '../ui/problem-box.js';
import { TableHead } from '../ui/table-head.js';
import { useTitle } from '../ui/use-title.js';

interface ListPageProps<T> {
  readonly title: string;
  readonly list: { readonly data?: readonly T[]; readonly error: unknown; readonly refetch: () => unknown };
  readonly columns: readonly string[];
  readonly row: (item: T) => ReactNode;
  readonly empty: ReactNode;
}

/** A catalogue list as a table: the frame that all of them share. */
export function ListPage<T>({ title, list, columns, row, empty }: ListPageProps<T>) {
  useTitle(title);
  return (
    <>
      <div className="page-head">
        <h1>{title}</h1>
      </div>
      {list.error != null && <ProblemBox error={list.error} onRetry={() => void list.refetch()} />}
      {!list.data && list.error == null && <Loading what={title.toLowerCase()} />}
      {list.data?.length === 0 && empty}
      {list.data && list.data.length > 0 && (
        <div className="card table-card table-scroll">
          <table>
            <TableHead columns={columns} />
            <tbody>{list.data.map(row)}</tbody>
          </table>
        </div>
      )}
    </>
  );
}
