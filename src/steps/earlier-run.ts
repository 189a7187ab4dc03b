import type { Bundle } from '../bundle/bundle.ts';
import { isSaddlebagError } from '../internal/error.ts';
import { fetchDocument } from '../oci/verified.ts';
import type { EarlierRun } from '../sources/live.ts';
import type { Lock } from '../spec/lock/lock.ts';

/** Returns what an earlier run left: its answers in a lock, and documents in bundles. */
export function earlierRun(lock: Lock | undefined, bundles: readonly Bundle[]): EarlierRun {
  return {
    digestOf: (name) => {
      const digest = lock?.references.get(name)?.digest;
      if (digest === undefined) return undefined;
      return bundles.some((bundle) => bundle.sizeOf(digest) !== undefined) ? digest : undefined;
    },
    document: async (target, options) => {
      const bundle = bundles.find((each) => each.sizeOf(target.digest) === target.size);
      if (bundle === undefined) return undefined;
      try {
        return await fetchDocument(bundle, target, options);
      } catch (error) {
        // What is damaged here is fetched. Its blob is told of when the bundle is written.
        if (!isSaddlebagError(error) || error.code === 'ERR_INTERRUPTED') throw error;
        return undefined;
      }
    },
  };
}
