import { isSaddlebagError } from '../../internal/error.ts';

/** Returns the result of a lookup, or `undefined` when it fails: a lookup that only improves a message must not replace it. */
export async function forMessage<T>(lookup: Promise<T>): Promise<T | undefined> {
  try {
    return await lookup;
  } catch (error) {
    if (!isSaddlebagError(error) || error.code === 'ERR_INTERRUPTED') throw error;
    return undefined;
  }
}
