import { isSaddlebagError } from '../../internal/error.ts';

/** Returns what a lookup finds, or `undefined` when it fails: what only makes a message better must not replace it. */
export async function forMessage<T>(lookup: Promise<T>): Promise<T | undefined> {
  try {
    return await lookup;
  } catch (error) {
    if (!isSaddlebagError(error) || error.code === 'ERR_INTERRUPTED') throw error;
    return undefined;
  }
}
