import { formatCount } from '../../internal/format.ts';
import { quote } from '../../internal/quote.ts';
import type { Digest } from '../../oci/digest.ts';
import { type Item, kindOf } from '../format/item.ts';

/** Items named for one blob: a base layer may be in hundreds. */
const NAMED = 3;

/** The items that need a blob. */
export interface Owners {
  /** The first of them. */
  readonly named: readonly Item[];
  readonly count: number;
}

/** The items that need a blob that several need. */
interface Several {
  readonly named: Item[];
  count: number;
  last: Item;
}

/** Which items need which blob. Nearly all blobs have one owner, which is then kept as it is. */
export class BlobOwners {
  readonly #owners = new Map<Digest, Item | Several>();

  /** Records that an item needs a blob. Items come one after the other, and may name a blob twice. */
  add(digest: Digest, item: Item): void {
    const owners = this.#owners.get(digest);
    if (owners === undefined) this.#owners.set(digest, item);
    else if (!isSeveral(owners)) {
      if (owners !== item) this.#owners.set(digest, { named: [owners, item], count: 2, last: item });
    } else if (owners.last !== item) {
      owners.count += 1;
      owners.last = item;
      if (owners.named.length < NAMED) owners.named.push(item);
    }
  }

  of(digest: Digest): Owners {
    const owners = this.#owners.get(digest);
    if (owners === undefined) return { named: [], count: 0 };
    return isSeveral(owners) ? owners : { named: [owners], count: 1 };
  }
}

function isSeveral(owners: Item | Several): owners is Several {
  return 'named' in owners;
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
