import { isSaddlebagError, type SaddlebagError } from '../internal/error.ts';

/**
 * Returns whether an error may mean that the thing does not exist: "not found", or a denial by a registry that hides the
 * difference, as Docker Hub, Quay and GHCR do.
 */
export function mayBeAbsent(error: unknown): error is SaddlebagError {
  if (isSaddlebagError(error, 'ERR_UPSTREAM_NOT_FOUND')) return true;
  if (!isSaddlebagError(error, 'ERR_REGISTRY_DENIED')) return false;
  // The code that names the image in a message may have wrapped the error.
  return ('mayBeAbsent' in error && error.mayBeAbsent === true) || mayBeAbsent(error.cause);
}
