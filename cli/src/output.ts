import { stripVTControlCharacters, styleText } from 'node:util';

export type Style = 'bold' | 'dim' | 'green' | 'red' | 'yellow';
/** One column of a table: its heading and what stands in it. */
export type Columns<Item> = Readonly<Record<string, (item: Item) => unknown>>;

const WORST = 60;
const COLOURS: Record<string, Style> = { SUCCEEDED: 'green', FAILED: 'red', TIMED_OUT: 'red', RUNNING: 'yellow' };

/** Tables and words for people, or JSON for programs. */
export class Output {
  constructor(
    readonly isJson: boolean,
    private readonly stream: NodeJS.WriteStream = process.stdout,
  ) {}

  /** What functions print, and all that others have chosen, may colour a terminal and no more. A file gets it as it is. */
  line(text = ''): void {
    this.stream.write(`${this.stream.isTTY ? tame(text) : text}\n`);
  }

  json(value: unknown): void {
    this.line(JSON.stringify(value, undefined, 2));
  }

  table<Item>(items: readonly Item[], columns: Columns<Item>): void {
    if (this.isJson) return this.json(items);
    const headings = Object.keys(columns);
    const rows = items.map((item) => Object.values(columns).map((pick) => this.cell(pick(item))));
    const width = (n: number) => Math.max(...[headings, ...rows].map((row) => visible(row[n] ?? '')));
    const widths = headings.map((_, n) => width(n));
    const draw = (row: readonly string[]) => row.map((cell, n) => pad(cell, widths[n] ?? 0)).join('  ').trimEnd();
    this.line(this.styled('dim', draw(headings)));
    for (const row of rows) this.line(draw(row));
  }

  styled(style: Style, text: string): string {
    return this.stream.isTTY && !process.env['NO_COLOR'] ? styleText(style, text) : text;
  }

  private cell(value: unknown): string {
    const text = value === undefined || value === null ? '–' : typeof value === 'string' ? value : JSON.stringify(value);
    const short = text.length > WORST ? `${text.slice(0, WORST - 1)}…` : text;
    const colour = COLOURS[text];
    // What others have chosen must not steer the terminal.
    const safe = stripVTControlCharacters(short).replaceAll(/\p{Cc}/gu, ' ');
    return colour ? this.styled(colour, safe) : safe;
  }
}

/** Without what moves the cursor, names the window or fills the clipboard; colours stay. */
const tame = (text: string): string =>
  // oxlint-disable-next-line no-control-regex
  text.replaceAll(/(\x1b\[[\d;]*m)|[\x00-\x08\x0b-\x1f\x7f-\x9f]/g, (_, colour: string | undefined) => colour ?? ' ');

const visible = (cell: string): number => stripVTControlCharacters(cell).length;
const pad = (cell: string, width: number): string => cell + ' '.repeat(Math.max(0, width - visible(cell)));

/** "3 min ago": for people who look at a list. */
export function ago(time: string | undefined, now = Date.now()): string | undefined {
  if (time === undefined) return undefined;
  const seconds = Math.max(0, (now - Date.parse(time)) / 1_000);
  if (seconds < 90) return `${Math.round(seconds)} s ago`;
  if (seconds < 90 * 60) return `${Math.round(seconds / 60)} min ago`;
  if (seconds < 36 * 3_600) return `${Math.round(seconds / 3_600)} h ago`;
  return `${Math.round(seconds / 86_400)} d ago`;
}

export function took(startedAt: string | undefined, endedAt: string | undefined): string | undefined {
  if (startedAt === undefined || endedAt === undefined) return undefined;
  return `${((Date.parse(endedAt) - Date.parse(startedAt)) / 1_000).toFixed(1)} s`;
}

/** "3.4 s", "12 min": of a span in milliseconds. */
export function lasting(ms: number): string {
  if (ms < 90_000) return `${(ms / 1_000).toFixed(1)} s`;
  return ms < 90 * 60_000 ? `${Math.round(ms / 60_000)} min` : `${Math.round(ms / 3_600_000)} h`;
}

export const megabytes = (bytes: number | undefined): number | undefined =>
  bytes === undefined ? undefined : Math.round(bytes / 1_048_576);
