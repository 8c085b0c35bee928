import { useVersions } from '../api/queries.js';
import { Loading } from '../ui/loading.js';
import { ProblemBox } from '../ui/problem-box.js';
import { TableHead } from '../ui/table-head.js';
import { dateTime } from '../ui/time.js';

/** The versions of a workflow, newest first, with the aliases that lead to them. */
export function Versions({ workflow }: { workflow: string }) {
  const { data, error, isPending } = useVersions(workflow);
  if (isPending) return <Loading what="the versions" />;
  if (error) return <ProblemBox error={error} />;
  const aliasesOf = (version: number) =>
    data.aliases.flatMap(({ name, routes }) =>
      routes
        .filter((route) => route.version === version)
        .map(({ weight }) => (weight === 100 ? name : `${name} (${weight} %)`)),
    );
  return (
    <section className="card table-card" aria-labelledby="versions-title">
      <h2 id="versions-title">Versions</h2>
      <table>
        <TableHead columns={['Version', 'Aliases', 'Deployed']} />
        <tbody>
          {data.versions.map(({ version, createdAt }) => (
            <tr key={version}>
              <td className="number">{version}</td>
              <td>{aliasesOf(version).join(', ')}</td>
              <td>
                <time dateTime={createdAt}>{dateTime(createdAt)}</time>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
