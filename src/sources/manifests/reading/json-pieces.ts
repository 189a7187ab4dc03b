import type { ByteStream } from '../../../internal/bytes.ts';
import { PIECE_LIMIT, type Piece } from './piece.ts';

const [QUOTE, BACKSLASH, COMMA, COLON, OPEN_LIST, CLOSE_LIST, OPEN, CLOSE, NEWLINE, SPACE] = [
  0x22, 0x5c, 0x2c, 0x3a, 0x5b, 0x5d, 0x7b, 0x7d, 0x0a, 0x20,
];
const ITEMS = '"items"';

/**
 * Yields the items of a JSON list, one at a time, and then what is around them: `kubectl get pods -A -o json` may be hundreds of
 * megabytes. A list is an array, or an object with `items`; anything else is one piece. Several documents may follow one
 * another. Pieces are cut out by their brackets and are not checked; `fail` is told what is wrong and in which line.
 */
export async function* jsonPieces(
  chunks: ByteStream,
  fail: (fact: string, line: number) => never,
): AsyncGenerator<Piece, void, undefined> {
  const rest = new Cut();
  const item = new Cut();
  let [depth, line, index, listDepth] = [0, 1, 0, 0];
  let [isText, isEscaped] = [false, false];
  let [key, isKey] = ['', false];
  let isInItem = false;
  const place = (): (string | number)[] => (listDepth === 1 ? [index] : ['items', index]);
  for await (const chunk of chunks) {
    let start = 0;
    const flush = (end: number): void => {
      const cut = isInItem ? item : rest;
      // What separates items is dropped: one byte of it would keep the whole chunk in memory.
      if (isInItem || listDepth === 0 || depth !== listDepth) cut.add(chunk.subarray(start, end));
      if (cut.size > PIECE_LIMIT) fail('one object in it is too large', cut.line);
      start = end;
    };
    for (let at = 0; at < chunk.length; at += 1) {
      const byte = chunk[at];
      if (byte === NEWLINE) line += 1;
      if (isText) {
        if (isKey) key += String.fromCharCode(byte ?? 0);
        if (isEscaped) isEscaped = false;
        else if (byte === BACKSLASH) isEscaped = true;
        else if (byte === QUOTE) [isText, isKey] = [false, false];
        continue;
      }
      if (byte === undefined || byte <= SPACE) continue;
      const isBetween = listDepth > 0 && depth === listDepth;
      if (isBetween && !isInItem && byte !== COMMA && byte !== CLOSE_LIST) {
        flush(at);
        isInItem = true;
        item.line = line;
      }
      if (isBetween && (byte === COMMA || byte === CLOSE_LIST)) {
        if (isInItem) {
          flush(at);
          isInItem = false;
          yield { text: item.take(), line: item.line, path: place() };
          index += 1;
        }
        start = byte === COMMA ? at + 1 : at;
      }
      if (byte === QUOTE) {
        isText = true;
        isKey = depth === 1 && listDepth === 0;
        if (isKey) key = '"';
      } else if (byte === OPEN || byte === OPEN_LIST) {
        if (depth === 0) [rest.line, index] = [line, 0];
        depth += 1;
        if (byte === OPEN_LIST && listDepth === 0 && (depth === 1 || (depth === 2 && key === ITEMS))) {
          flush(at + 1);
          listDepth = depth;
        }
      } else if (byte === CLOSE || byte === CLOSE_LIST) {
        if (depth === 0) fail('it is not JSON', line);
        if (depth === listDepth) listDepth = 0;
        depth -= 1;
        if (depth === 0) {
          flush(at + 1);
          yield { text: rest.take(), line: rest.line, path: [] };
        }
      } else if (depth === 0) fail('it is not JSON', line);
      else if (byte !== COLON && depth === 1) key = '';
    }
    flush(chunk.length);
  }
  if (depth > 0 || isText) fail('it ends early', line);
}

/** Bytes that belong together, cut out of several chunks. */
class Cut {
  line = 1;
  size = 0;
  #parts: Uint8Array[] = [];

  add(part: Uint8Array): void {
    this.size += part.length;
    if (part.length > 0) this.#parts.push(part);
  }

  take(): string {
    const [first, ...more] = this.#parts;
    const whole = first === undefined || more.length > 0 ? Buffer.concat(this.#parts) : first;
    const text = Buffer.from(whole.buffer, whole.byteOffset, whole.length).toString('utf8');
    [this.#parts, this.size] = [[], 0];
    return text;
  }
}
