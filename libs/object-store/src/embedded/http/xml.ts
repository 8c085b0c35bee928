import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { S3Error } from './s3-error.js';

export type XmlValue =
  | string
  | number
  | boolean
  | undefined
  | readonly XmlValue[]
  | { readonly [name: string]: XmlValue };

/** An array is the element repeated; undefined is no element. */
export function toXml(root: string, content: XmlValue, namespace?: string): string {
  const open = namespace ? `<${root} xmlns="${namespace}">` : `<${root}>`;
  return `<?xml version="1.0" encoding="UTF-8"?>\n${open}${inside(content)}</${root}>`;
}

function inside(value: XmlValue): string {
  if (typeof value !== 'object') return value === undefined ? '' : escapeXml(String(value));
  return Object.entries(value)
    .map(([name, child]) => element(name, child))
    .join('');
}

function element(name: string, value: XmlValue): string {
  if (value === undefined) return '';
  if (Array.isArray(value)) return value.map((item) => element(name, item)).join('');
  return `<${name}>${inside(value)}</${name}>`;
}

const ESCAPES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&apos;' };

/** Control characters go as references, which XML 1.0 forbids and S3 sends: there is no other way to name such a key. */
const escapeXml = (text: string): string =>
  // oxlint-disable-next-line no-control-regex
  text.replaceAll(/[&<>"'\u0000-\u001f]/g, (char) => ESCAPES[char] ?? `&#x${char.charCodeAt(0).toString(16)};`);

/** Entities are left alone by the parser: it decodes twice, so that `&amp;lt;` would name another key than it says. */
const parser = new XMLParser({
  ignoreAttributes: true,
  ignoreDeclaration: true,
  parseTagValue: false,
  processEntities: false,
  removeNSPrefix: true,
  trimValues: false,
});

/** One element of a parsed document, by the names of its children. */
export class XmlNode {
  constructor(private readonly value: unknown) {}

  /** All children of the name, in order. */
  children(name: string): XmlNode[] {
    if (typeof this.value !== 'object' || this.value === null || !Object.hasOwn(this.value, name)) return [];
    const child: unknown = (this.value as Record<string, unknown>)[name];
    return (Array.isArray(child) ? child : [child]).map((value) => new XmlNode(value));
  }

  child(name: string): XmlNode | undefined {
    return this.children(name)[0];
  }

  text(name: string): string | undefined {
    const value = this.child(name)?.value;
    return typeof value === 'string' ? decodeEntities(value) : undefined;
  }

  requireText(name: string): string {
    const text = this.text(name);
    if (text === undefined || text === '') throw new S3Error('MalformedXML', `<${name}> is missing.`);
    return text;
  }
}

export function parseXml(text: string, root: string): XmlNode {
  if (/<!(DOCTYPE|\[CDATA\[)/i.test(text)) throw new S3Error('MalformedXML', 'DOCTYPE and CDATA are not accepted.');
  if (XMLValidator.validate(text) !== true) throw new S3Error('MalformedXML');
  try {
    const node = new XmlNode(parser.parse(text)).child(root);
    if (node) return node;
  } catch (error) {
    throw new S3Error('MalformedXML', undefined, { cause: error });
  }
  throw new S3Error('MalformedXML', `The root element must be <${root}>.`);
}

const ENTITIES: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

function decodeEntities(text: string): string {
  return text.replaceAll(/&(?:#x([0-9a-f]{1,6})|#(\d{1,7})|([a-z]+));/gi, (whole, hex, decimal, name) => {
    if (name) return ENTITIES[name] ?? whole;
    const point = hex ? Number.parseInt(hex, 16) : Number(decimal);
    if (point > 0x10ffff) throw new S3Error('MalformedXML', `${whole} is no character.`);
    return String.fromCodePoint(point);
  });
}
