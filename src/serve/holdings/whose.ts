import { BlobOwners, walkItem, withOwners } from '../../bundle/plan/graph.ts';
import { type Digest, isDigest } from '../../oci/digest.ts';
import { Blobs } from './blobs.ts';
import type { Library } from './library.ts';

/**
 * Returns a function that says in a message about a blob which items the blob belongs to; any other message stays as it is. All
 * manifests are read when it is first needed.
 */
export function whoseBlob(library: Library): (message: string) => Promise<string> {
  let known: Promise<BlobOwners> | undefined;
  return async (message) => {
    const digest = /sha256:[0-9a-f]{64}/.exec(message)?.[0];
    if (!isDigest(digest)) return message;
    known ??= ownersIn(library);
    try {
      return withOwners(message, (await known).of(digest));
    } catch {
      // What is damaged must be told, whatever else is wrong.
      known = undefined;
      return message;
    }
  };
}

/** What is read for a message counts as served by no metric, and its damage is told when it is served. */
async function ownersIn({ items, holdings }: Library): Promise<BlobOwners> {
  const [only, ...others] = holdings;
  const owners = new BlobOwners(others.length === 0 ? only?.blobs : undefined);
  const blobs = new Blobs(holdings);
  for (const { item } of items) {
    const onProblem = (digest: Digest): void => owners.add(digest, item);
    for await (const { descriptor } of walkItem(blobs, item, { onProblem }))
      owners.add(descriptor.digest, item);
  }
  return owners;
}
