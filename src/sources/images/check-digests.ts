import { isSaddlebagError, SaddlebagError } from '../../internal/error.ts';
import { mapConcurrently } from '../../internal/gate.ts';
import { ProblemsError } from '../../internal/problems.ts';
import type { Digest } from '../../oci/digest.ts';
import { formatReference, parseReference } from '../../oci/reference.ts';
import type { ImageDigests } from '../../spec/lists/digests.ts';
import type { SourceContext } from '../source.ts';

const CONCURRENCY = 8;

/** An image that differs from a list of digests. */
interface OtherDigest {
  readonly name: string;
  readonly expected: Digest;
  readonly found: Digest;
}

/**
 * Compares resolved references with the user's own lists of digests, which are binding.
 *
 * @throws `ProblemsError` `ERR_DIGEST_MISMATCH` with every image that differs
 */
export async function requireDigests(
  references: readonly string[],
  digests: ImageDigests,
  context: SourceContext,
): Promise<void> {
  const others = await otherDigests(references, digests, context);
  if (others.length === 0) return;
  throw new ProblemsError('ERR_DIGEST_MISMATCH', 'Cannot accept images: their digests are not those listed', {
    problems: others.map(
      ({ name, expected, found }) =>
        new SaddlebagError(
          'ERR_DIGEST_MISMATCH',
          `Cannot accept image "${name}": expected "${expected}", found "${found}"`,
          {
            hint: 'Its tag has moved, or the list is of another release: ask for the image by digest, or correct the list.',
          },
        ),
    ),
  });
}

/** Warns of images whose tags moved since a release published its list: worth knowing, but no reason to stop. */
export async function compareDigests(
  references: readonly string[],
  release: { readonly name: string; readonly digests: ImageDigests },
  context: SourceContext,
): Promise<void> {
  for (const { name, expected, found } of await otherDigests(references, release.digests, context)) {
    context.warn({
      level: 'warning',
      message: `Image "${name}" is no longer what ${release.name} was released with: expected "${expected}", found "${found}"`,
      hint: `Its tag has moved upstream; ${name}@${expected} under "images" is the one of the release.`,
    });
  }
}

async function otherDigests(
  references: readonly string[],
  digests: ImageDigests,
  context: SourceContext,
): Promise<readonly OtherDigest[]> {
  const asked = new Map(
    references.flatMap((text) => {
      const reference = referenceOf(text);
      return reference === undefined ? [] : [[formatReference(reference), reference] as const];
    }),
  );
  const others = await mapConcurrently([...asked], CONCURRENCY, async ([name, reference]) => {
    const expected = digests.get(name);
    if (expected === undefined) return [];
    try {
      const { digest: found } = await context.images.resolve(reference, context);
      return found === expected ? [] : [{ name, expected, found }];
    } catch (error) {
      // The code that needs the image reports that it cannot be resolved.
      if (isSaddlebagError(error) && error.code !== 'ERR_INTERRUPTED') return [];
      throw error;
    }
  });
  return others.flat();
}

function referenceOf(text: string): ReturnType<typeof parseReference> | undefined {
  try {
    return parseReference(text);
  } catch (error) {
    // The images of the spec report it.
    if (!isSaddlebagError(error)) throw error;
    return undefined;
  }
}
