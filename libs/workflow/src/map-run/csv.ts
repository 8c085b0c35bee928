import type { JsonObject } from '../model.js';
import { MAX_ITEM_CHARACTERS, readerFailure } from './reader-failure.js';
import type { CsvDelimiter, ReaderConfig } from './map-run.js';

const DELIMITERS: Record<CsvDelimiter, string> = { COMMA: ',', PIPE: '|', SEMICOLON: ';', SPACE: ' ', TAB: '\t' };
/** AWS's limit. */
const MAX_HEADER_BYTES = 10 * 1024;

type State = 'start' | 'plain' | 'quoted' | 'quote';

/**
 * RFC 4180, chunk by chunk: a chunk may end anywhere, within a quoted field or between the two characters of a line
 * end. Values stay text. A row with too few fields gets empty ones, of one with too many the rest is dropped.
 */
export class CsvParser {
  private readonly delimiter: string;
  private headers: readonly string[] | undefined;
  private state: State = 'start';
  private field = '';
  private row: string[] = [];
  private rowSize = 0;
  private afterReturn = false;
  private atBeginning = true;

  constructor({ csvDelimiter = 'COMMA', csvHeaderLocation, csvHeaders }: ReaderConfig) {
    this.delimiter = DELIMITERS[csvDelimiter];
    if (csvHeaderLocation === 'GIVEN') this.headers = distinct(csvHeaders ?? []);
  }

  feed(chunk: string): JsonObject[] {
    const items: JsonObject[] = [];
    let text = chunk;
    if (this.atBeginning && text !== '') {
      this.atBeginning = false;
      if (text.startsWith('\uFEFF')) text = text.slice(1);
    }
    for (const char of text) {
      if (++this.rowSize > MAX_ITEM_CHARACTERS) throw readerFailure('A row of the CSV file is too long.');
      if (this.take(char)) items.push(...this.endRow());
    }
    return items;
  }

  end(): JsonObject[] {
    if (this.state === 'quoted') throw readerFailure('A quoted field of the CSV file does not end.');
    return this.row.length === 0 && this.state === 'start' ? [] : this.endRow();
  }

  /** Whether the character ends a row. */
  private take(char: string): boolean {
    const isSecondHalf = this.afterReturn && char === '\n';
    this.afterReturn = char === '\r' && this.state !== 'quoted';
    if (isSecondHalf) return false;
    if (this.state === 'quoted') {
      if (char === '"') this.state = 'quote';
      else this.field += char;
      return false;
    }
    if (char === '\n' || char === '\r') return this.row.length > 0 || this.state !== 'start';
    if (char === this.delimiter) this.endField();
    else if (char === '"' && this.state === 'start') this.state = 'quoted';
    else if (char === '"' && this.state === 'quote') this.reopen(char);
    else this.plain(char);
    return false;
  }

  /** A doubled quote within quotes. */
  private reopen(char: string): void {
    this.field += char;
    this.state = 'quoted';
  }

  private plain(char: string): void {
    this.field += char;
    this.state = 'plain';
  }

  private endField(): void {
    this.row.push(this.field);
    this.field = '';
    this.state = 'start';
  }

  private endRow(): JsonObject[] {
    this.endField();
    const { row } = this;
    this.row = [];
    this.rowSize = 0;
    if (this.headers) return [itemOf(this.headers, row)];
    if (Buffer.byteLength(row.join()) > MAX_HEADER_BYTES) {
      throw readerFailure(`The CSV headers are larger than ${MAX_HEADER_BYTES} bytes.`);
    }
    this.headers = distinct(row);
    return [];
  }
}

function distinct(headers: readonly string[]): readonly string[] {
  if (new Set(headers).size === headers.length) return headers;
  throw readerFailure('CSV headers cannot contain duplicates.');
}

const itemOf = (headers: readonly string[], row: readonly string[]): JsonObject =>
  Object.fromEntries(headers.map((header, index) => [header, row[index] ?? '']));
