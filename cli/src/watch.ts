import { route } from './api.js';
import type { Session } from './session.js';
import { took } from './output.js';

interface HistoryEvent {
  readonly type: string;
  readonly at: string;
  readonly frameId: number;
  readonly details: { readonly name?: string; readonly error?: string; readonly cause?: string };
}
interface Invocation {
  readonly id: string;
  readonly stateName?: string;
  readonly status: string;
  readonly progress?: { readonly percent?: number; readonly message?: string; readonly speed?: number };
}
interface Whole {
  readonly percent: number;
  readonly etaSeconds?: number;
}
interface Execution {
  readonly status: string;
  readonly output?: unknown;
  readonly error?: string;
  readonly cause?: string;
}

/** Shows an execution as it goes, and ends with its result; the exit code says whether it succeeded. */
export async function watch(session: Session, id: string): Promise<void> {
  const { api, out } = session;
  const show = new Lines(session);
  for await (const { event, data } of api.follow(route`executions/${id}/events`)) {
    if (out.isJson) out.line(JSON.stringify({ event, data: JSON.parse(data) }));
    else if (event === 'history') show.history(JSON.parse(data) as HistoryEvent);
    else if (event === 'invocation') show.progress(JSON.parse(data) as Invocation);
    else if (event === 'progress') show.whole(JSON.parse(data) as Whole);
  }
  const { status, output, error, cause } = await api.get<Execution>(route`executions/${id}`);
  if (status !== 'SUCCEEDED') process.exitCode = 1;
  if (out.isJson) return;
  out.line(out.styled(status === 'SUCCEEDED' ? 'green' : 'red', status) + (error ? `  ${error}: ${cause ?? ''}` : ''));
  if (output !== undefined) out.json(output);
}

/** A line for each state that is entered or left, and for each tenth of a task's way. */
class Lines {
  private readonly entered = new Map<string, string>();
  private readonly tenths = new Map<string, number>();
  private tenth = 0;

  constructor(private readonly session: Session) {}

  history({ type, at, frameId, details: { name = '', error, cause } }: HistoryEvent): void {
    const { out } = this.session;
    const key = `${frameId}/${name}`;
    if (type.endsWith('StateEntered')) {
      this.entered.set(key, at);
      out.line(`→ ${name}`);
    } else if (type.endsWith('StateExited')) {
      out.line(`${out.styled('green', '✓')} ${name}  ${out.styled('dim', took(this.entered.get(key), at) ?? '')}`);
    } else if (error !== undefined) {
      out.line(`${out.styled('red', '✗')} ${type}  ${error}  ${out.styled('dim', (cause ?? '').slice(0, 300))}`);
    }
  }

  progress({ id, stateName, status, progress }: Invocation): void {
    if (status !== 'RUNNING' || progress?.percent === undefined) return;
    const tenth = Math.floor(progress.percent / 10);
    if (tenth <= (this.tenths.get(id) ?? -1)) return;
    this.tenths.set(id, tenth);
    const speed = progress.speed === undefined ? '' : `  ${progress.speed}x`;
    this.session.out.line(
      `  ${stateName ?? id}  ${Math.round(progress.percent)} %  ${progress.message ?? ''}${speed}`.trimEnd(),
    );
  }

  /** A line for each tenth of the whole way, which may seem longer when more tasks become known. */
  whole({ percent, etaSeconds }: Whole): void {
    const tenth = Math.floor(percent / 10);
    if (tenth <= this.tenth) return;
    this.tenth = tenth;
    const left = etaSeconds === undefined ? '' : `, about ${etaSeconds} s left`;
    this.session.out.line(this.session.out.styled('dim', `  ${Math.round(percent)} % of all${left}`));
  }
}
