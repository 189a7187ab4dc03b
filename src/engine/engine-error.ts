import type { ByteStream } from '../internal/bytes.ts';
import { isSaddlebagError, SaddlebagError } from '../internal/error.ts';

/** Where an engine is no target, its failure is none of a target. @throws `ERR_ENGINE_FAILED` and whatever else `work` throws */
export async function asEngineError<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw translated(error);
  }
}

/** The same for a stream. @throws `ERR_ENGINE_FAILED` and whatever else the stream throws */
export async function* withEngineErrors(stream: ByteStream): ByteStream {
  try {
    yield* stream;
  } catch (error) {
    throw translated(error);
  }
}

function translated(error: unknown): unknown {
  if (!isSaddlebagError(error, 'ERR_TARGET_FAILED') && !isSaddlebagError(error, 'ERR_TARGET_REFUSED'))
    return error;
  const { message, hint, cause } = error;
  return new SaddlebagError('ERR_ENGINE_FAILED', message, { hint, cause });
}
