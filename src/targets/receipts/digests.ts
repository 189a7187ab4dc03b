import { HexTable } from '../../internal/table/hex-table.ts';
import { type Rows, Table } from '../../internal/table/rows.ts';
import { type Digest, parseDigest } from '../../oci/digest.ts';

/** Where the hex digits of a digest begin. */
const HEX = 'sha256:'.length;

/** Digests in the order in which they came, each once: some 50 bytes for each, however many there are. */
export class DigestTable extends Table<Digest> {
  readonly #digests = new HexTable();

  /** Returns a table of the digests in some lists. */
  static of(...lists: readonly Rows<Digest>[]): DigestTable {
    const [first, ...others] = lists.filter(({ length }) => length > 0);
    if (first instanceof DigestTable && others.length === 0) return first;
    const table = new DigestTable();
    for (const list of lists) for (const digest of list) table.add(digest);
    return table;
  }

  get length(): number {
    return this.#digests.length;
  }

  /** Adds a digest, and returns whether it is new. */
  add(digest: Digest): boolean {
    return this.#digests.add(digest, HEX);
  }

  at(index: number): Digest | undefined {
    const hex = this.#digests.at(index);
    return hex === undefined ? undefined : parseDigest(`sha256:${hex}`);
  }

  has(digest: Digest): boolean {
    return this.#digests.indexOf(digest, HEX) !== -1;
  }

  /** Yields the digests in the order of their texts. */
  *sorted(): Generator<Digest, void, undefined> {
    for (const index of this.#digests.sorted()) {
      const digest = this.at(index);
      if (digest !== undefined) yield digest;
    }
  }
}
