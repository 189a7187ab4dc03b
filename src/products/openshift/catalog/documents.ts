import type { ByteStream } from '../../../internal/bytes.ts';
import { ChunkList } from './chunk-list.ts';
import type { Fail } from './fail.ts';

/** A document of a catalog as it is written. */
export interface CatalogText {
  readonly format: 'json' | 'yaml';
  /** They last until the next document is asked for. */
  readonly bytes: Uint8Array;
}

/** Largest document (bytes). Parsed YAML takes many times its size in memory. */
const LIMITS = { json: 32 * 1024 * 1024, yaml: 8 * 1024 * 1024 } as const;

const [QUOTE, BACKSLASH, OPEN, CLOSE, OPEN_LIST, CLOSE_LIST] = [0x22, 0x5c, 0x7b, 0x7d, 0x5b, 0x5d];
const SPACES: readonly number[] = [0x20, 0x09, 0x0a, 0x0d];

/**
 * Yields the documents of a catalog's file, holding one at a time: JSON objects in a row, or YAML between lines of `---`. The
 * first byte tells which, as in Kubernetes (apimachinery, `pkg/util/yaml/decoder.go`).
 *
 * @throws what `fail` returns
 */
export async function* catalogDocuments(
  content: ByteStream,
  fail: Fail,
): AsyncGenerator<CatalogText, void, undefined> {
  const chunks = content[Symbol.asyncIterator]();
  try {
    for (;;) {
      const next = await chunks.next();
      if (next.done === true) return;
      const start = next.value.findIndex((byte) => !SPACES.includes(byte));
      if (start === -1) continue;
      const rest = remaining(next.value.subarray(start), chunks);
      return yield* next.value[start] === OPEN ? jsonDocuments(rest, fail) : yamlDocuments(rest, fail);
    }
  } finally {
    await chunks.return?.();
  }
}

async function* remaining(first: Uint8Array, chunks: AsyncIterator<Uint8Array>): ByteStream {
  yield first;
  for (;;) {
    const next = await chunks.next();
    if (next.done === true) return;
    yield next.value;
  }
}

/** Where a chunk of JSON ends. */
interface Position {
  depth: number;
  inString: boolean;
  /** Whether a backslash escapes the next byte. */
  isEscaped: boolean;
}

async function* jsonDocuments(content: ByteStream, fail: Fail): AsyncGenerator<CatalogText, void, undefined> {
  const held = new ChunkList(LIMITS.json, fail);
  const position: Position = { depth: 0, inString: false, isEscaped: false };
  for await (const chunk of content) {
    for (let at = 0; at < chunk.length;) {
      const start = position.depth > 0 ? at : skipSpaces(chunk, at);
      if (start === chunk.length) break;
      if (position.depth === 0 && chunk[start] !== OPEN) throw fail('it is not JSON');
      const end = scan(chunk, start, position);
      held.push(chunk.subarray(start, end));
      at = end;
      if (position.depth === 0) yield { format: 'json', bytes: held.take() };
    }
  }
  if (position.depth > 0) throw fail('it ends in the middle of a document');
}

function skipSpaces(chunk: Uint8Array, from: number): number {
  let at = from;
  while (at < chunk.length && SPACES.includes(chunk[at] ?? 0)) at += 1;
  return at;
}

/** Returns where the document ends, or the chunk. Most bytes are in strings, where only the next quote is looked for. */
function scan(chunk: Uint8Array, from: number, position: Position): number {
  for (let at = from; at < chunk.length;) {
    if (position.inString) {
      at = endOfString(chunk, at, position);
      continue;
    }
    const byte = chunk[at];
    at += 1;
    if (byte === QUOTE) position.inString = true;
    else if (byte === OPEN || byte === OPEN_LIST) position.depth += 1;
    else if (byte === CLOSE || byte === CLOSE_LIST) {
      position.depth -= 1;
      if (position.depth === 0) return at;
    }
  }
  return chunk.length;
}

function endOfString(chunk: Uint8Array, from: number, position: Position): number {
  const quote = chunk.indexOf(QUOTE, from);
  const end = quote === -1 ? chunk.length : quote;
  let start = end;
  while (start > from && chunk[start - 1] === BACKSLASH) start -= 1;
  const isOdd = (end - start) % 2 === 1;
  const isEscaped = start === from && position.isEscaped ? !isOdd : isOdd;
  position.isEscaped = quote === -1 && isEscaped;
  position.inString = quote === -1 || isEscaped;
  return quote === -1 ? end : end + 1;
}

const SEPARATOR = Buffer.from('---');
const NEWLINE = 0x0a;

async function* yamlDocuments(content: ByteStream, fail: Fail): AsyncGenerator<CatalogText, void, undefined> {
  const held = new ChunkList(LIMITS.yaml, fail);
  for await (const line of linesOf(content, fail)) {
    if (!line.subarray(0, SEPARATOR.length).equals(SEPARATOR)) held.push(line);
    else if (held.length > 0) yield { format: 'yaml', bytes: held.take() };
  }
  if (held.length > 0) yield { format: 'yaml', bytes: held.take() };
}

/** Yields lines with their ends. */
async function* linesOf(content: ByteStream, fail: Fail): AsyncGenerator<Buffer, void, undefined> {
  const held = new ChunkList(LIMITS.yaml, fail);
  for await (const chunk of content) {
    for (let at = 0; at < chunk.length;) {
      const newline = chunk.indexOf(NEWLINE, at);
      held.push(chunk.subarray(at, newline === -1 ? chunk.length : newline + 1));
      if (newline === -1) break;
      yield held.take();
      at = newline + 1;
    }
  }
  if (held.length > 0) yield held.take();
}
