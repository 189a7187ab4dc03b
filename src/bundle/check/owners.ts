import type { Digest } from '../../oci/digest.ts';
import type { Item } from '../format/item.ts';

/** Items named for one blob: a base layer may be in hundreds. */
const NAMED = 3;

/** The items that need a blob. */
export interface Owners {
  /** The first of them. */
  readonly named: readonly Item[];
  readonly count: number;
}

/** Which items need which blob. */
export class BlobOwners {
  readonly #owners = new Map<Digest, { readonly named: Item[]; count: number }>();

  /** Records that an item needs a blob; call it once for each item. */
  add(digest: Digest, item: Item): void {
    const owners = this.#owners.get(digest);
    if (owners === undefined) this.#owners.set(digest, { named: [item], count: 1 });
    else {
      owners.count += 1;
      if (owners.named.length < NAMED) owners.named.push(item);
    }
  }

  of(digest: Digest): Owners {
    return this.#owners.get(digest) ?? { named: [], count: 0 };
  }
}
