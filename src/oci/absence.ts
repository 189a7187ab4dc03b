import { isSaddlebagError, type SaddlebagError } from '../internal/error.ts';

/**
 * Returns whether an error may say that there is no such thing: "not found", or a denial by a registry that does not tell
 * what it does not have from what others may not see, as Docker Hub, Quay and GHCR do.
 */
export function mayBeAbsent(error: unknown): error is SaddlebagError {
  if (isSaddlebagError(error, 'ERR_UPSTREAM_NOT_FOUND')) return true;
  if (!isSaddlebagError(error, 'ERR_REGISTRY_DENIED')) return false;
  // What names an image in a message may have been put around it.
  return ('mayBeAbsent' in error && error.mayBeAbsent === true) || mayBeAbsent(error.cause);
}
