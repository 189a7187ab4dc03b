import { formatCount } from '../../internal/format.ts';
import { quote } from '../../internal/quote.ts';
import type { Digest } from '../../oci/digest.ts';
import { BlobTable } from '../format/blobs/table.ts';
import { type Item, kindOf } from '../format/item.ts';

/** Items named for one blob: a base layer may be in hundreds. */
const NAMED = 3;

/** The items that need a blob. */
export interface Owners {
  /** The first of them. */
  readonly named: readonly Item[];
  readonly count: number;
}

/** The items that need a blob that several need, by their numbers. */
interface Several {
  readonly named: number[];
  count: number;
  last: number;
}

/** No item yet; an item has the number that it came as, from 1 on. */
const NOBODY = 0;
/** A blob of several items, or of one that no table has. */
const ELSEWHERE = 0xffffffff;

/** Which items need which blob. Nearly all blobs are in the table of a bundle and have one owner, of which a number is kept. */
export class BlobOwners {
  readonly #blobs: BlobTable;
  readonly #items: Item[] = [];
  readonly #single: Uint32Array;
  readonly #others = new Map<Digest, Several>();

  /** `blobs` are those that are expected; there may be others. */
  constructor(blobs: BlobTable = new BlobTable()) {
    this.#blobs = blobs;
    this.#single = new Uint32Array(blobs.length);
  }

  /** Records that an item needs a blob. Items come one after the other, and may name a blob twice. */
  add(digest: Digest, item: Item): void {
    if (this.#items.at(-1) !== item) this.#items.push(item);
    const number = this.#items.length;
    const index = this.#blobs.indexOf(digest);
    const owner = this.#single[index] ?? ELSEWHERE;
    if (owner === NOBODY) this.#single[index] = number;
    else if (owner === ELSEWHERE) this.#addElsewhere(digest, number);
    else if (owner !== number) {
      this.#single[index] = ELSEWHERE;
      this.#others.set(digest, { named: [owner, number], count: 2, last: number });
    }
  }

  of(digest: Digest): Owners {
    const single = this.#single[this.#blobs.indexOf(digest)] ?? ELSEWHERE;
    if (single === NOBODY) return { named: [], count: 0 };
    if (single !== ELSEWHERE) return { named: this.#itemsOf([single]), count: 1 };
    const { named = [], count = 0 } = this.#others.get(digest) ?? {};
    return { named: this.#itemsOf(named), count };
  }

  #addElsewhere(digest: Digest, number: number): void {
    const several = this.#others.get(digest);
    if (several === undefined) this.#others.set(digest, { named: [number], count: 1, last: number });
    else if (several.last !== number) {
      several.count += 1;
      several.last = number;
      if (several.named.length < NAMED) several.named.push(number);
    }
  }

  #itemsOf(numbers: readonly number[]): readonly Item[] {
    return numbers.flatMap((number) => this.#items[number - 1] ?? []);
  }
}

/** Returns ` of image "a", file "b" and 5 more items`; nothing where no item is known. */
export function ofOwners({ named, count }: Owners): string {
  const names = named.map((item) => `${kindOf(item)} ${quote(item.name)}`);
  const more = count > named.length ? [formatCount(count - named.length, 'more item')] : [];
  const told = [...names, ...more];
  const last = told.pop();
  if (last === undefined) return '';
  return told.length === 0 ? ` of ${last}` : ` of ${told.join(', ')} and ${last}`;
}

/**
 * Returns a message about a blob that says what the blob belongs to: a digest means nothing to whoever wants to know which of the
 * images is lost. A message that names one of the items is left as it is.
 */
export function withOwners(message: string, owners: Owners): string {
  const colon = message.indexOf(': ');
  if (colon === -1 || owners.named.some(({ name }) => message.includes(quote(name)))) return message;
  return `${message.slice(0, colon)}${ofOwners(owners)}${message.slice(colon)}`;
}
