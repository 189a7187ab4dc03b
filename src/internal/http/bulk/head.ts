import type { AnswerHead } from '../incoming.ts';

/** The head of an answer whose body is as long as it says. */
export interface PlainHead extends AnswerHead {
  /** Length of the body (bytes). */
  readonly length: number;
  /** Whether the connection may be used again afterwards. */
  readonly isKept: boolean;
}

/** What ends a head. */
export const HEAD_END = '\r\n\r\n';

const STATUS_LINE = /^HTTP\/1\.1 ([2-5]\d\d)(?: [\t\x20-\x7e\x80-\xff]*)?$/;
const FIELD_LINE =
  /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+):[\t ]*((?:[\x21-\x7e\x80-\xff](?:[\t\x20-\x7e\x80-\xff]*[\x21-\x7e\x80-\xff])?)?)[\t ]*$/;
const FIELD_NAME = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const FIELD_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;
const TARGET = /^\/[\x21-\x7e]*$/;
/** Answers without a body (RFC 9112, 6.3), and such as change what the connection is for. */
const BODILESS: ReadonlySet<number> = new Set([204, 205, 304]);

/**
 * Returns the head of an answer to a GET, without what ends it, in the one form that leaves no doubt about where its body ends: HTTP/1.1
 * with a single `Content-Length` (RFC 9112, 6.3); `undefined` for any other, whether it is in order or not.
 */
export function parsePlainHead(text: string): PlainHead | undefined {
  const [first = '', ...lines] = text.split('\r\n');
  const status = Number(STATUS_LINE.exec(first)?.[1]);
  if (!(status >= 200) || BODILESS.has(status)) return undefined;
  const headers = new Map<string, string | string[]>();
  for (const line of lines) {
    const [, name = '', value = ''] = FIELD_LINE.exec(line) ?? [];
    if (name === '') return undefined;
    const known = headers.get(name.toLowerCase());
    headers.set(name.toLowerCase(), known === undefined ? value : [known, value].flat());
  }
  const length = headers.get('content-length');
  if (typeof length !== 'string' || !/^\d{1,15}$/.test(length)) return undefined;
  if (headers.has('transfer-encoding') || headers.has('upgrade')) return undefined;
  const isKept = !/\bclose\b/i.test(String(headers.get('connection') ?? ''));
  return { status, headers: Object.fromEntries(headers), length: Number(length), isKept };
}

/** Returns a GET as it is sent (RFC 9112, 3); `undefined` when a part of it does not belong into a head. */
export function formatGet({
  origin,
  path,
  headers,
}: {
  readonly origin: URL;
  readonly path: string;
  readonly headers: HeaderLines;
}): string | undefined {
  const lines = Object.entries(headers).flatMap(([name, value]) =>
    [value].flat().map((one) => ({ name, value: one })),
  );
  const isClean = lines.every(
    ({ name, value }) =>
      FIELD_NAME.test(name) && FIELD_VALUE.test(value) && !/^(?:host|connection)$/i.test(name),
  );
  if (!isClean || !TARGET.test(path)) return undefined;
  const all = [{ name: 'host', value: origin.host }, { name: 'connection', value: 'keep-alive' }, ...lines];
  return `GET ${path} HTTP/1.1\r\n${all.map(({ name, value }) => `${name}: ${value}\r\n`).join('')}\r\n`;
}

type HeaderLines = Readonly<Record<string, string | readonly string[]>>;
