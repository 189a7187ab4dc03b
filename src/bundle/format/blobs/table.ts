import { HexTable } from '../../../internal/table/hex-table.ts';
import { Table } from '../../../internal/table/rows.ts';
import { type Digest, digestOfHex } from '../../../oci/digest.ts';

/** A blob, where it does not matter what it is. */
export interface BlobRef {
  readonly digest: Digest;
  /** bytes */
  readonly size: number;
}

/** Where the hex digits of a digest begin. */
const HEX = 'sha256:'.length;
const ROOM = 16;

/** Blobs with their sizes, each once, in an order of their own: some 60 bytes for each, however many there are. */
export class BlobTable extends Table<BlobRef> {
  readonly #digests: HexTable;
  #sizes: Float64Array;

  /** `room` is for how many blobs there is room at first. */
  constructor(room: number = ROOM) {
    super();
    this.#digests = new HexTable(room);
    this.#sizes = new Float64Array(Math.max(1, room));
  }

  /** Returns a table of some blobs. Of one that is there twice, the first counts. */
  static of(blobs: Iterable<BlobRef>): BlobTable {
    if (blobs instanceof BlobTable) return blobs;
    const table = new BlobTable('length' in blobs && typeof blobs.length === 'number' ? blobs.length : ROOM);
    for (const blob of blobs) table.add(blob);
    return table;
  }

  get length(): number {
    return this.#digests.length;
  }

  /** Size of all blobs together (bytes). */
  get bytes(): number {
    return this.#sizes.reduce((sum, size) => sum + size, 0);
  }

  /** Adds a blob, and returns whether it is new. */
  add({ digest, size }: BlobRef): boolean {
    const index = this.length;
    if (!this.#digests.add(digest, HEX)) return false;
    if (index === this.#sizes.length) {
      const sizes = new Float64Array(2 * index);
      sizes.set(this.#sizes);
      this.#sizes = sizes;
    }
    this.#sizes[index] = size;
    return true;
  }

  at(index: number): BlobRef | undefined {
    const hex = this.#digests.at(index);
    return hex === undefined ? undefined : { digest: digestOfHex(hex), size: this.#sizes[index] ?? 0 };
  }

  /** Returns the index of a blob, or -1. */
  indexOf(digest: Digest): number {
    return this.#digests.indexOf(digest, HEX);
  }

  /** Returns the index of the blob whose hex digits a text ends with from `start` on, or -1. */
  indexOfHex(text: string, start: number): number {
    return this.#digests.indexOf(text, start);
  }

  has(digest: Digest): boolean {
    return this.indexOf(digest) !== -1;
  }

  /** Returns the size of a blob (bytes), or `undefined` when it is not there. */
  sizeOf(digest: Digest): number | undefined {
    const index = this.indexOf(digest);
    return index === -1 ? undefined : this.#sizes[index];
  }
}
