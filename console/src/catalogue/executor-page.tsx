import { Link, useParams } from 'react-router';
import { useExecutor } from '../api/queries.js';
import type { Executor, ExecutorDetails } from '../api/types.js';
import { ProgressBar } from '../invocations/progress-bar.js';
import { RunLink } from '../invocations/run-link.js';
import { Loading } from '../ui/loading.js';
import { Meter } from '../ui/meter.js';
import { ProblemBox } from '../ui/problem-box.js';
import { bytes } from '../ui/size.js';
import { TableHead } from '../ui/table-head.js';
import { Tags } from '../ui/tags.js';
import { ago, useNow } from '../ui/time.js';
import { useTitle } from '../ui/use-title.js';
import { DrainButton } from './drain-button.js';

const mb = (amount: number): string => bytes(amount * 1_000_000);

export function ExecutorPage() {
  const { id = '' } = useParams();
  const { data: executor, error, refetch } = useExecutor(id);
  useTitle(executor?.name ?? 'Executor');
  return (
    <>
      <nav aria-label="Breadcrumb" className="breadcrumb">
        <Link to="/executors">Executors</Link>
      </nav>
      <div className="page-head">
        <h1>{executor?.name ?? 'Executor'}</h1>
        <span className="title-end">{executor && <DrainButton executor={executor} />}</span>
      </div>
      {error != null && <ProblemBox error={error} onRetry={() => void refetch()} />}
      {!executor && error == null && <Loading what="the executor" />}
      {executor && (
        <>
          <Facts executor={executor} />
          <Room executor={executor} />
          <Codecs executor={executor} />
          <Tasks executor={executor} />
        </>
      )}
    </>
  );
}

interface Props {
  readonly executor: ExecutorDetails;
}

function Facts({ executor }: Props) {
  const now = useNow(true);
  const { state, labels, version, seenAt, instanceCounts, reservedFor } = executor;
  return (
    <section className="card" aria-label="Facts">
      <dl className="facts">
        <div>
          <dt>State</dt>
          <dd>{state}</dd>
        </div>
        <div>
          <dt>Last seen</dt>
          <dd>{ago(seenAt, now)}</dd>
        </div>
        <div>
          <dt>Instances</dt>
          <dd>
            {instanceCounts.busy} busy, {instanceCounts.idle} warm, {instanceCounts.starting} starting
          </dd>
        </div>
        <div>
          <dt>Labels</dt>
          <dd>
            <Tags names={labels} />
          </dd>
        </div>
        <div>
          <dt>Version</dt>
          <dd>{version}</dd>
        </div>
        {reservedFor && (
          <div>
            <dt>Kept free for</dt>
            <dd>
              <Link to={`/invocations/${reservedFor}`}>a task that has waited long</Link>
            </dd>
          </div>
        )}
      </dl>
    </section>
  );
}

/** Until it has asked for work nobody knows what is free. */
function Room({ executor: { capacity, free, abilities, inputCache } }: Props) {
  const used = (of: (room: Executor['capacity']) => number): number => (free ? of(capacity) - of(free) : 0);
  const held = free?.gpus?.filter(({ isWhole }) => !isWhole).length ?? 0;
  const { gpus = [] } = abilities;
  return (
    <section className="card" aria-labelledby="room-title">
      <h2 id="room-title">Taken</h2>
      <Meter label="Slots" used={used(({ slots }) => slots)} total={capacity.slots} />
      <Meter label="vCPU" used={used(({ vcpu }) => vcpu)} total={capacity.vcpu} />
      <Meter label="Memory" used={used(({ memoryMb }) => memoryMb)} total={capacity.memoryMb} text={mb} />
      {capacity.diskMb !== undefined && (
        <Meter label="Disk" used={used(({ diskMb = 0 }) => diskMb)} total={capacity.diskMb} text={mb} />
      )}
      {gpus.length > 0 && <Meter label={`GPUs: ${gpuNames(gpus)}`} used={held} total={gpus.length} />}
      {capacity.encoderSessions !== undefined && (
        <Meter
          label="Encoder sessions"
          used={used(({ encoderSessions = 0 }) => encoderSessions)}
          total={capacity.encoderSessions}
        />
      )}
      {inputCache && (
        <Meter
          label={`Inputs kept (${inputCache.objects} objects)`}
          used={inputCache.bytes}
          total={inputCache.budgetBytes}
          text={bytes}
        />
      )}
    </section>
  );
}

const gpuNames = (gpus: NonNullable<Executor['abilities']['gpus']>): string =>
  [...new Set(gpus.map(({ model, isSimulated }) => `${model}${isSimulated ? ' (not real)' : ''}`))].join(', ');

function Codecs({ executor: { abilities } }: Props) {
  const { encoders, decoders } = abilities;
  return (
    <section className="card" aria-labelledby="codecs-title">
      <h2 id="codecs-title">Codecs that have worked here</h2>
      {(encoders ?? decoders) ? (
        <dl className="facts">
          <div>
            <dt>Encoders</dt>
            <dd>
              <Tags names={encoders ?? []} />
            </dd>
          </div>
          <div>
            <dt>Decoders</dt>
            <dd>
              <Tags names={decoders ?? []} />
            </dd>
          </div>
        </dl>
      ) : (
        <p>Not tried, or not yet.</p>
      )}
    </section>
  );
}

function Tasks({ executor: { tasks, running } }: Props) {
  const now = useNow(true);
  const others = running - tasks.length;
  return (
    <section className="card table-card table-scroll" aria-label="Tasks in hand">
      <table>
        <TableHead columns={['Task', 'Function', 'Attempt', 'Progress', 'Started']} />
        <tbody>
          {tasks.map(({ id, function: name, attempt, progress, startedAt, executionId }) => (
            <tr key={id}>
              <td>
                <RunLink id={id} executionId={executionId} />
              </td>
              <td>{name}</td>
              <td className="number">{attempt}</td>
              <td>
                <ProgressBar {...progress} />
              </td>
              <td>{ago(startedAt, now)}</td>
            </tr>
          ))}
          {tasks.length === 0 && (
            <tr>
              <td colSpan={5}>{others > 0 ? `${others} of other namespaces` : 'None'}</td>
            </tr>
          )}
        </tbody>
      </table>
    </section>
  );
}
