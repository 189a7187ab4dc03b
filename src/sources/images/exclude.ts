import { isSaddlebagError, SaddlebagError } from '../../internal/error.ts';
import { formatReference, parseReference } from '../../oci/reference.ts';
import { patternOf } from '../../spec/fields.ts';
import type { ImagesPart } from './requests.ts';

/**
 * Returns the images without those that a pattern matches, anywhere in the reference as it was written or in full: so does
 * oc-mirror (`internal/pkg/cli/executor.go`, `excludeImages`).
 *
 * @throws `ERR_SPEC_INVALID` for an image of an OpenShift release, or a catalog, which would not be whole without it
 */
export function withoutExcluded(part: ImagesPart, written: readonly string[]): ImagesPart {
  const patterns = written.flatMap((text) => patternOf(text) ?? []);
  if (patterns.length === 0) return part;
  const isExcluded = (reference: string): boolean =>
    [reference, fullName(reference)].some((name) => patterns.some((pattern) => pattern.test(name)));
  const isWanted = (reference: string): boolean => !isExcluded(reference);
  const { images, listed, windows, whole, placed, guesses, platforms, namedAt } = part;
  const lost = placed?.find(({ reference }) => isExcluded(reference));
  if (lost !== undefined) throw needed(lost.reference);
  return {
    images: images.filter((image) => isWanted(typeof image === 'string' ? image : image.reference)),
    listed: listed.filter(isWanted),
    windows: windows?.filter(isWanted),
    whole: whole?.filter(isWanted),
    placed,
    guesses: guesses?.filter(({ reference }) => isWanted(reference)),
    platforms,
    namedAt,
  };
}

/** Returns the full reference; what is none, as it is. */
export function fullName(reference: string): string {
  try {
    return formatReference(parseReference(reference));
  } catch (error) {
    // Whoever resolves it says what is wrong with it.
    if (!isSaddlebagError(error)) throw error;
    return reference;
  }
}

function needed(reference: string): SaddlebagError {
  return new SaddlebagError(
    'ERR_SPEC_INVALID',
    `Cannot leave out image "${reference}": it is a part of OpenShift that is carried whole`,
    { hint: 'Make the expressions under "excludeImages" narrower: a release has all of its images.' },
  );
}
