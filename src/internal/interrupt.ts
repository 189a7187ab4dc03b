import { SaddlebagError } from './error.ts';

/** Throws `ERR_INTERRUPTED` when `signal` has fired: an abort leaves our code only this way, whatever its reason. */
export function throwIfInterrupted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw interrupted(signal);
}

/** Returns the error an interrupted operation ends with. */
export function interrupted(signal?: AbortSignal): SaddlebagError {
  return new SaddlebagError('ERR_INTERRUPTED', 'Cannot finish: interrupted', { cause: signal?.reason });
}
