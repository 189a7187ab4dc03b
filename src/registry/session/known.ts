import { HexTable } from '../../internal/table/hex-table.ts';
import { type Digest, digestOf, hexOf } from '../../oci/digest.ts';

/** What one endpoint has answered during this run, so that it is not asked again. */
export class KnownAnswers {
  /** By the hash of repository and digest: there may be a hundred thousand. */
  readonly #manifests = new HexTable();
  readonly #withoutReferrers = new Set<string>();

  /** The endpoint has this manifest. */
  note(repository: string, manifest: Digest): void {
    this.#manifests.add(keyOf(repository, manifest));
  }

  /** Returns whether it is certain that the endpoint has a manifest. */
  has(repository: string, manifest: Digest): boolean {
    return this.#manifests.indexOf(keyOf(repository, manifest)) !== -1;
  }

  /**
   * The endpoint has no referrers API. A registry has it for all of its repositories or for none (distribution specification,
   * "Listing Referrers"); a product that joins several registries under one host names them by the first part of the path.
   */
  noteNoReferrers(repository: string): void {
    this.#withoutReferrers.add(partOf(repository));
  }

  lacksReferrers(repository: string): boolean {
    return this.#withoutReferrers.has(partOf(repository));
  }
}

function keyOf(repository: string, manifest: Digest): string {
  return hexOf(digestOf(`${repository}@${manifest}`));
}

function partOf(repository: string): string {
  return repository.split('/', 1)[0] ?? '';
}
