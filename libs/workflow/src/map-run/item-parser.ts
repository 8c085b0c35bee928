import { isObject, member } from '../json.js';
import type { Json } from '../model.js';
import { CsvParser } from './csv.js';
import type { MapRunItem, ReaderConfig } from './map-run.js';
import { MAX_ITEM_CHARACTERS, readerFailure } from './reader-failure.js';

export type ParsedItem = Pick<MapRunItem, 'value' | 'key'>;

/** Text in, items out: fed with a file's text in chunks of any size. Throws `AslFailure` States.ItemReaderFailed. */
export interface ItemParser {
  feed(chunk: string): ParsedItem[];
  end(): ParsedItem[];
}

/** For the text that the configuration describes; a manifest's own text is read by `parseManifest`. */
export function itemParser(config: ReaderConfig): ItemParser {
  switch (config.inputType) {
    case 'CSV':
    case 'MANIFEST':
      return new CsvItems(config);
    case 'JSONL':
      return new JsonLines();
    case 'JSON':
    case undefined:
      return new WholeJson(config.itemsPointer ?? '');
  }
}

/** All items of a text at once. */
export function parseItems(text: string, config: ReaderConfig): ParsedItem[] {
  const parser = itemParser(config);
  const items = [...parser.feed(text), ...parser.end()];
  return items.slice(0, config.maxItems);
}

class CsvItems implements ItemParser {
  private readonly csv: CsvParser;
  constructor(config: ReaderConfig) {
    this.csv = new CsvParser(config);
  }

  feed(chunk: string): ParsedItem[] {
    return this.csv.feed(chunk).map((value) => ({ value }));
  }

  end(): ParsedItem[] {
    return this.csv.end().map((value) => ({ value }));
  }
}

/** One JSON value a line; empty lines are passed over. */
class JsonLines implements ItemParser {
  /** The line that has not ended yet, in the pieces that it came in: none of them is looked at again. */
  private pieces: string[] = [];
  private size = 0;
  private line = 0;

  feed(chunk: string): ParsedItem[] {
    const items: ParsedItem[] = [];
    let from = 0;
    for (let end = chunk.indexOf('\n'); end >= 0; end = chunk.indexOf('\n', from)) {
      this.keep(chunk.slice(from, end));
      items.push(...this.end());
      from = end + 1;
    }
    this.keep(chunk.slice(from));
    return items;
  }

  end(): ParsedItem[] {
    const text = this.pieces.join('');
    this.pieces = [];
    this.size = 0;
    return this.parse(text);
  }

  private keep(piece: string): void {
    this.pieces.push(piece);
    this.size += piece.length;
    if (this.size > MAX_ITEM_CHARACTERS) throw readerFailure(`Line ${this.line + 1} is too long.`);
  }

  private parse(text: string): ParsedItem[] {
    this.line++;
    return text.trim() === '' ? [] : [{ value: parsed(text, `Line ${this.line}`) }];
  }
}

/** An array's items or an object's members. A JSON text can be understood only as a whole. */
class WholeJson implements ItemParser {
  private readonly chunks: string[] = [];
  constructor(private readonly pointer: string) {}

  feed(chunk: string): ParsedItem[] {
    this.chunks.push(chunk);
    return [];
  }

  end(): ParsedItem[] {
    const found = at(parsed(this.chunks.join(''), 'The file'), this.pointer);
    if (found === undefined) throw readerFailure(NOTHING_THERE);
    const items = itemsIn(found);
    if (items) return items;
    throw readerFailure('Attempting to map over non-iterable node.');
  }
}

/** In AWS's words. */
const NOTHING_THERE = 'The provided ReaderConfig.ItemsPointer does not match any valid path in the JSON structure.';

/** The items of an array, or the members of an object with their names. */
export function itemsIn(value: Json): ParsedItem[] | undefined {
  if (Array.isArray(value)) return value.map((item) => ({ value: item }));
  return isObject(value) ? Object.entries(value).map(([key, item]) => ({ key, value: item })) : undefined;
}

function parsed(text: string, what: string): Json {
  try {
    return JSON.parse(text.startsWith('\uFEFF') ? text.slice(1) : text);
  } catch (error) {
    if (error instanceof SyntaxError) throw readerFailure(`${what} is not JSON: ${error.message}`);
    throw error;
  }
}

/** RFC 6901. */
function at(document: Json, pointer: string): Json | undefined {
  let value: Json | undefined = document;
  for (const token of pointer.split('/').slice(1)) {
    const key = token.replaceAll('~1', '/').replaceAll('~0', '~');
    if (Array.isArray(value)) value = /^(0|[1-9]\d*)$/.test(key) ? value[Number(key)] : undefined;
    else value = isObject(value) ? member(value, key) : undefined;
  }
  return value;
}
