import { Table } from '../../../internal/table/rows.ts';
import type { Digest } from '../../../oci/digest.ts';
import type { BlobTable } from './table.ts';

/** Digests, nearly all of which are those of blobs in a table: of such a one a number is kept. */
export class DigestList extends Table<Digest> {
  readonly #blobs: BlobTable;
  readonly #places: readonly (number | Digest)[];

  constructor(blobs: BlobTable, digests: Iterable<Digest>) {
    super();
    this.#blobs = blobs;
    this.#places = Array.from(digests, (digest) => {
      const index = blobs.indexOf(digest);
      return index === -1 ? digest : index;
    });
  }

  get length(): number {
    return this.#places.length;
  }

  at(index: number): Digest | undefined {
    const place = this.#places[index];
    return typeof place === 'number' ? this.#blobs.at(place)?.digest : place;
  }
}
