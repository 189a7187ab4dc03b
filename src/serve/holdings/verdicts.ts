import type { OpenBundle } from '../../bundle/bundle.ts';
import type { Digest } from '../../oci/digest.ts';
import type { FileIdentity } from './file-identity.ts';

/** So many files more than blobs may have been replaced before all is judged anew. */
const REPLACED = 1000;

/** Which blobs of a holding were found right or wrong, each in its files as they were then: four bytes for each. */
export class Verdicts {
  readonly #blobs: OpenBundle['blobs'];
  /** Twice the number of the identity that a blob was judged in, from 1 on, and one more where it was right. */
  readonly #verdicts: Uint32Array;
  readonly #identities = new Map<FileIdentity, number>();

  constructor(blobs: OpenBundle['blobs']) {
    this.#blobs = blobs;
    this.#verdicts = new Uint32Array(blobs.length);
  }

  /** Returns whether a blob is right in files of this identity; `undefined` when that is not known. */
  of(digest: Digest, identity: FileIdentity): boolean | undefined {
    const number = this.#identities.get(identity);
    const verdict = this.#verdicts[this.#blobs.indexOf(digest)] ?? 0;
    return number !== undefined && verdict >>> 1 === number ? (verdict & 1) === 1 : undefined;
  }

  set(digest: Digest, identity: FileIdentity, isRight: boolean): void {
    if (this.#identities.size > this.#blobs.length + REPLACED) this.#forget();
    const number = this.#identities.get(identity) ?? this.#identities.size + 1;
    this.#identities.set(identity, number);
    this.#verdicts[this.#blobs.indexOf(digest)] = 2 * number + (isRight ? 1 : 0);
  }

  #forget(): void {
    this.#identities.clear();
    this.#verdicts.fill(0);
  }
}
