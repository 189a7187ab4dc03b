import type { Digest } from '../../oci/digest.ts';

/** What one endpoint has answered during this run, so that it is not asked again. */
export class KnownAnswers {
  readonly #manifests = new Set<string>();
  readonly #withoutReferrers = new Set<string>();

  /** The endpoint has this manifest. */
  note(repository: string, manifest: Digest): void {
    this.#manifests.add(`${repository}@${manifest}`);
  }

  /** Returns whether it is certain that the endpoint has a manifest. */
  has(repository: string, manifest: Digest): boolean {
    return this.#manifests.has(`${repository}@${manifest}`);
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

function partOf(repository: string): string {
  return repository.split('/', 1)[0] ?? '';
}
