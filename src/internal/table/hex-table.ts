import { randomBytes } from 'node:crypto';

/** Hex digits, bytes and words of a key. */
const [DIGITS, BYTES, WORDS] = [64, 32, 8];
/** An empty slot; others have the index of a key and one. */
const EMPTY = 0;
const ROOM = 16;
const DIGIT = new Uint8Array(128).fill(0xff);
for (let value = 0; value < 16; value++) DIGIT[value.toString(16).charCodeAt(0)] = value;
/** Whoever makes a bundle chooses its digests, and must not know which of them fall together here. */
const SEED = randomBytes(4).readInt32LE();
/** The key that is looked for. */
const wanted = new Uint8Array(BYTES);
const wantedWords = new Uint32Array(wanted.buffer);

/**
 * Texts of 64 lower-case hex digits in the order in which they came, each once. They are kept as bytes: with the index by which they
 * are found, a key takes some 50 bytes, where a text in a `Map` takes 150.
 */
export class HexTable {
  #bytes: Buffer;
  #words: Uint32Array;
  #slots: Int32Array;
  #length = 0;

  /** `room` is for how many keys there is room at first: as it grows, what it had before is waste. */
  constructor(room: number = ROOM) {
    const capacity = 2 ** Math.ceil(Math.log2(Math.max(ROOM, room)));
    this.#bytes = Buffer.alloc(capacity * BYTES);
    this.#words = new Uint32Array(this.#bytes.buffer, this.#bytes.byteOffset, capacity * WORDS);
    this.#slots = new Int32Array(2 * capacity);
  }

  get length(): number {
    return this.#length;
  }

  /** Returns the key at an index; `undefined` where there is none. */
  at(index: number): string | undefined {
    if (index < 0 || index >= this.#length) return undefined;
    return this.#bytes.toString('hex', index * BYTES, (index + 1) * BYTES);
  }

  /** Returns the index of the key that `text` ends with from `start` on, or -1. */
  indexOf(text: string, start = 0): number {
    if (this.#length === 0) return -1;
    return take(text, start) ? (this.#slots[this.#slot()] ?? EMPTY) - 1 : -1;
  }

  /**
   * Adds the key that `text` ends with from `start` on, and returns whether it is new.
   *
   * @throws `TypeError` for what is not 64 lower-case hex digits
   */
  add(text: string, start = 0): boolean {
    if (!take(text, start)) throw new TypeError(`no 64 hex digits: ${JSON.stringify(text)}`);
    if (2 * this.#length >= this.#slots.length) this.#grow();
    const slot = this.#slot();
    if (this.#slots[slot] !== EMPTY) return false;
    this.#bytes.set(wanted, this.#length * BYTES);
    this.#length += 1;
    this.#slots[slot] = this.#length;
    return true;
  }

  /** Returns the indexes of all keys in the order of their texts. */
  sorted(): Uint32Array {
    const bytes = this.#bytes;
    const order = Uint32Array.from({ length: this.#length }, (_, index) => index);
    return order.sort((left, right) => {
      for (let at = 0; at < BYTES; at++) {
        const difference = (bytes[left * BYTES + at] ?? 0) - (bytes[right * BYTES + at] ?? 0);
        if (difference !== 0) return difference;
      }
      return 0;
    });
  }

  /** Returns the slot of the wanted key, or the empty one where it belongs. */
  #slot(): number {
    const mask = this.#slots.length - 1;
    let slot = mixed(wantedWords, 0) & mask;
    for (let index = this.#slots[slot] ?? EMPTY; index !== EMPTY; index = this.#slots[slot] ?? EMPTY) {
      if (this.#isWanted(index - 1)) return slot;
      slot = (slot + 1) & mask;
    }
    return slot;
  }

  #isWanted(index: number): boolean {
    for (let word = 0; word < WORDS; word++)
      if (this.#words[index * WORDS + word] !== wantedWords[word]) return false;
    return true;
  }

  #grow(): void {
    const capacity = this.#slots.length;
    const bytes = Buffer.alloc(capacity * BYTES);
    bytes.set(this.#bytes.subarray(0, this.#length * BYTES));
    this.#bytes = bytes;
    this.#words = new Uint32Array(bytes.buffer, bytes.byteOffset, capacity * WORDS);
    this.#slots = new Int32Array(2 * capacity);
    const mask = this.#slots.length - 1;
    for (let index = 0; index < this.#length; index++) {
      let slot = mixed(this.#words, index * WORDS) & mask;
      while (this.#slots[slot] !== EMPTY) slot = (slot + 1) & mask;
      this.#slots[slot] = index + 1;
    }
  }
}

/** Returns whether a text ends with a key from `start` on. */
export function isHexKey(text: string, start = 0): boolean {
  return take(text, start);
}

/** What was made the wanted key last, if it is one: the same path or digest is looked for in one table after the other. */
let takenText = '';
let takenStart = 0;
let isKey = false;

/** Makes a text the wanted key; returns whether it is one. */
function take(text: string, start: number): boolean {
  if (text === takenText && start === takenStart) return isKey;
  isKey = parse(text, start);
  takenText = text;
  takenStart = start;
  return isKey;
}

function parse(text: string, start: number): boolean {
  if (text.length - start !== DIGITS) return false;
  let all = 0;
  for (let at = 0; at < BYTES; at++) {
    const high = DIGIT[text.charCodeAt(start + 2 * at)] ?? 0xff;
    const low = DIGIT[text.charCodeAt(start + 2 * at + 1)] ?? 0xff;
    all |= high | low;
    wanted[at] = (high << 4) | low;
  }
  return all < 0x10;
}

/** A hash of Knuth's multiplicative kind over the words of a key. */
function mixed(words: Uint32Array, start: number): number {
  let hash = SEED;
  for (let word = 0; word < WORDS; word++) {
    hash = Math.imul(hash ^ (words[start + word] ?? 0), 0x9e3779b1);
    hash ^= hash >>> 15;
  }
  return hash;
}
