import { Table } from '../../../internal/table/rows.ts';
import type { Descriptor } from '../../../oci/descriptor.ts';
import { hexOf, parseDigest } from '../../../oci/digest.ts';

/** A blob that comes from somewhere. */
interface Blob<From> {
  readonly descriptor: Descriptor;
  readonly origin: From;
}

/** Hex digits of a digest. */
const DIGITS = 64;

/**
 * The blobs of one item: a hundred thousand of them wait in their items until all is resolved, and most come from one place. The hex
 * digits of their digests are one text.
 */
export class FewBlobs<From> extends Table<Blob<From>> {
  readonly #hex: string;
  readonly #sizes: readonly number[];
  readonly #types: readonly string[];
  readonly #origins: readonly From[];
  /** Descriptors that say more than type, digest and size, if there are any. */
  readonly #detailed: readonly (Descriptor | undefined)[] | undefined;

  constructor(blobs: readonly Blob<From>[]) {
    super();
    this.#hex = blobs.map(({ descriptor }) => hexOf(descriptor.digest)).join('');
    this.#sizes = blobs.map(({ descriptor }) => descriptor.size);
    this.#types = blobs.map(({ descriptor }) => descriptor.mediaType);
    this.#origins = blobs.map(({ origin }) => origin);
    if (blobs.some(({ descriptor }) => hasDetails(descriptor)))
      this.#detailed = blobs.map(({ descriptor }) => (hasDetails(descriptor) ? descriptor : undefined));
  }

  get length(): number {
    return this.#origins.length;
  }

  /** As of an array, the last is also at -1. */
  at(place: number): Blob<From> | undefined {
    const index = place < 0 ? place + this.length : place;
    const [size, mediaType, origin] = [this.#sizes[index], this.#types[index], this.#origins[index]];
    if (size === undefined || mediaType === undefined || origin === undefined) return undefined;
    const digest = parseDigest(`sha256:${this.#hex.slice(DIGITS * index, DIGITS * (index + 1))}`);
    return { descriptor: this.#detailed?.[index] ?? { mediaType, digest, size }, origin };
  }
}

/** Returns whether a descriptor says more than type, digest and size. */
export function hasDetails({
  mediaType: _type,
  digest: _digest,
  size: _size,
  ...details
}: Descriptor): boolean {
  return Object.values(details).some((detail) => detail !== undefined);
}
