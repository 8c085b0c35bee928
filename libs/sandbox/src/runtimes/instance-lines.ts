import { LineCutter, type OnLine, OutputBudget, type StreamName } from '../lines.js';
import type { Instance } from '../sandbox.js';
import { Tail } from './tail.js';
import { MAX_LOG_BYTES, MAX_TAIL_BYTES } from './watch.js';

/**
 * How our own runtimes say whose line it is, where one process serves several calls: its id between two of these signs,
 * at the beginning. Clients of AWS say it in their own ways, which are understood too: a JSON object with `requestId`
 * (the log format of Lambda's instances for several requests), or the id as the second word between tabs.
 */
const MARK = '\u001e';
const IN_JSON = /"(?:requestId|AWSRequestId)"\s*:\s*"([^"]{1,64})"/;

interface Reader {
  readonly onLine: OnLine;
  readonly budget: OutputBudget;
}

/** What an instance prints, given to the calls that it belongs to. What does not say is the longest running one's. */
export class InstanceLines {
  private readonly readers = new Map<string, Reader>();
  private last: Reader | undefined;
  private cutters: Partial<Record<StreamName, LineCutter>> = {};
  private kept: Record<StreamName, Tail> | undefined;
  private readonly taps = { stdout: this.tap('stdout'), stderr: this.tap('stderr') };

  constructor(
    private readonly instance: Pick<Instance, 'stdout' | 'stderr'>,
    /** Then lines are not told apart. */
    private readonly isOneByOne: boolean,
  ) {}

  open(): void {
    this.instance.stdout.on('data', this.taps.stdout);
    this.instance.stderr.on('data', this.taps.stderr);
  }

  close(): void {
    this.instance.stdout.off('data', this.taps.stdout);
    this.instance.stderr.off('data', this.taps.stderr);
    this.endLines();
  }

  /** From now on there is one more that lines may belong to. */
  add(id: string, onLine: OnLine): void {
    this.last = { onLine, budget: new OutputBudget(MAX_LOG_BYTES) };
    this.readers.set(id, this.last);
  }

  remove(id: string): void {
    if (this.readers.size === 1) this.endLines();
    this.readers.delete(id);
    if (this.readers.size === 0) this.kept = undefined;
  }

  /** The last that was printed since no call was in hand. */
  get tails(): Readonly<Record<StreamName, Tail>> {
    return this.kept ?? { stdout: new Tail(0), stderr: new Tail(0) };
  }

  private tap(name: StreamName): (chunk: Buffer) => void {
    return (chunk) => {
      this.kept ??= { stdout: new Tail(MAX_TAIL_BYTES), stderr: new Tail(MAX_TAIL_BYTES) };
      this.kept[name].add(chunk);
      (this.cutters[name] ??= this.cutter(name)).push(chunk);
    };
  }

  /** One that serves call by call is cut by the budget of the call; else each line is weighed by itself. */
  private cutter(name: StreamName): LineCutter {
    const budget = this.isOneByOne && this.last ? this.last.budget : new OutputBudget(Number.POSITIVE_INFINITY);
    return new LineCutter(name, budget, (stream, line) => this.give(stream, line));
  }

  private give(stream: StreamName, line: string): void {
    if (this.isOneByOne) return this.last?.onLine(stream, line);
    const { reader, text } = this.ownerOf(line);
    if (!reader) return;
    const bytes = Buffer.from(text);
    const part = reader.budget.take(bytes);
    if (part.length === bytes.length) return reader.onLine(stream, text);
    if (reader.budget.isFirstOver(bytes, part)) reader.onLine(stream, reader.budget.notice);
  }

  private ownerOf(line: string): { readonly reader: Reader | undefined; readonly text: string } {
    if (line.startsWith(MARK)) {
      const end = line.indexOf(MARK, 1);
      const id = line.slice(1, end);
      if (end > 0) return { reader: this.readers.get(id) ?? this.oldest, text: line.slice(end + 1) };
    }
    const id = line.startsWith('{') ? IN_JSON.exec(line)?.[1] : line.split('\t', 2)[1];
    return { reader: this.readers.get(id ?? '') ?? this.oldest, text: line };
  }

  private get oldest(): Reader | undefined {
    const [first] = this.readers.values();
    return first ?? this.last;
  }

  private endLines(): void {
    this.cutters.stdout?.end();
    this.cutters.stderr?.end();
    this.cutters = {};
  }
}
