import type { Piece } from './piece.ts';

/** From this size on (characters), a list is read item by item. */
const LARGE = 1024 * 1024;
/**
 * Ceilings of a document, or of an item of a list: characters, and lines and commas. An object of Kubernetes is at most 3 MiB, and each
 * part of one takes a kilobyte of memory while it is parsed.
 */
export const DOCUMENT_LIMIT: number = 6 * 1024 * 1024;
const PARTS_LIMIT = 300_000;
const MARKER = /^(?:---|\.\.\.)(?=\s|$)/;

/**
 * Yields the documents of a YAML stream; of a large one that is a list, as `kubectl get -o yaml` writes it, each of its `items`
 * and then what is around them. `fail` is told what is too large, and in which line it begins.
 */
export async function* yamlPieces(
  lines: AsyncIterable<string>,
  fail: (fact: string, line: number) => never,
): AsyncGenerator<Piece, void, undefined> {
  let number = 0;
  let document = new Document(1);
  for await (const line of lines) {
    number += 1;
    if (MARKER.test(line)) {
      yield* document.end();
      document = new Document(number);
    }
    // What follows the marker on its line belongs to the document.
    yield* document.add(line.replace(MARKER, '   '));
    if (document.size > DOCUMENT_LIMIT || document.parts > PARTS_LIMIT)
      fail('one document in it is too large', document.line);
  }
  yield* document.end();
}

/** A document that grows line by line. */
class Document {
  readonly line: number;
  /** Characters that wait to be read. */
  size = 0;
  /** Lines and commas of it that wait. */
  parts = 0;
  /** All lines; of a large list, those around its items. */
  readonly #lines: string[] = [];
  /** How many lines come before the first item. */
  #head: number | undefined;
  #items: Items | undefined;

  constructor(line: number) {
    this.line = line;
  }

  *add(line: string): Generator<Piece, void, undefined> {
    this.size += line.length + 1;
    this.parts += partsOf(line);
    if (this.#items !== undefined) return yield* this.#addItem(line, this.#items);
    this.#lines.push(line);
    if (this.#head === undefined && /^items:\s*$/.test(line)) this.#head = this.#lines.length;
    if (this.#head === undefined || this.size < LARGE) return undefined;
    this.#items = new Items(this.line + this.#head);
    for (const each of this.#lines.splice(this.#head)) yield* this.#addItem(each, this.#items);
    return undefined;
  }

  *end(): Generator<Piece, void, undefined> {
    yield* this.#items?.end() ?? [];
    const text = this.#lines.join('\n');
    if (/^[^\S\n]*[^\s#%]/m.test(text)) yield { text, line: this.line, path: [] };
  }

  *#addItem(line: string, items: Items): Generator<Piece, void, undefined> {
    const { ended, isTaken } = items.add(line);
    if (!isTaken) this.#lines.push(line);
    for (const { text } of ended)
      [this.size, this.parts] = [this.size - text.length - 1, this.parts - partsOf(text)];
    yield* ended;
  }
}

/** The items of a list, each a sequence of one. */
class Items {
  /** Number of the line to come. */
  #number: number;
  #item: string[] = [];
  #itemLine = 0;
  #index = 0;
  /** How far the dashes of the items are indented, once there is one. */
  #indent: number | undefined;
  #isOver = false;

  constructor(line: number) {
    this.#number = line;
  }

  /** Returns the item that the line ends, if it ends one, and whether the line is part of an item itself. */
  add(line: string): { readonly ended: readonly Piece[]; readonly isTaken: boolean } {
    const number = this.#number;
    this.#number += 1;
    if (this.#isOver) return { ended: [], isTaken: false };
    const [, space = '', dash = ''] = /^( *)(-(?:\s|$))?/.exec(line) ?? [];
    if (dash !== '' && space.length === (this.#indent ?? space.length)) {
      const ended = this.end();
      this.#indent = space.length;
      [this.#item, this.#itemLine] = [[line], number];
      return { ended, isTaken: true };
    }
    const isInside = space.length > (this.#indent ?? Infinity) || /^\s*(?:#.*)?$/.test(line);
    if (isInside) {
      this.#item.push(line);
      return { ended: [], isTaken: true };
    }
    this.#isOver = true;
    return { ended: this.end(), isTaken: false };
  }

  end(): readonly Piece[] {
    if (this.#indent === undefined || this.#item.length === 0) return [];
    const piece = { text: this.#item.join('\n'), line: this.#itemLine, path: ['items', this.#index] };
    this.#index += 1;
    this.#item = [];
    return [piece];
  }
}

/** Returns how many lines and commas a text has: there are hardly more values in it. */
function partsOf(text: string): number {
  let parts = 1;
  for (let at = text.search(/[\n,]/); at >= 0 && at < text.length; at += 1)
    if (text[at] === '\n' || text[at] === ',') parts += 1;
  return parts;
}
