import type { Archive } from '../../archive/archive.ts';
import { readWhole } from './read-whole.ts';
import { isSaddlebagError, SaddlebagError } from '../../internal/error.ts';
import type { WaitOptions } from '../../oci/roles.ts';
import { DOCUMENT_LIMIT } from './decode.ts';
import { LAYOUT } from './layout.ts';

/**
 * Returns the bytes of `bundle.json` as they lie in an archive; `path` is the archive's name in messages.
 *
 * @throws `ERR_BUNDLE_INVALID` when there is none or it is too large, `ERR_ARCHIVE_INVALID`, `ERR_DISK_FAILED`
 */
export async function readDocument(
  archive: Archive,
  options: WaitOptions & { readonly path: string },
): Promise<Uint8Array> {
  try {
    return await readWhole(archive, LAYOUT.document, {
      signal: options.signal,
      limit: DOCUMENT_LIMIT,
      onExcess: () =>
        notBundle(options.path, `its bundle.json is larger than the ${DOCUMENT_LIMIT} bytes allowed`),
    });
  } catch (error) {
    if (!isSaddlebagError(error, 'ERR_CONTENT_NOT_FOUND')) throw error;
    throw notBundle(options.path, 'it holds no "bundle.json"', error);
  }
}

function notBundle(path: string, fact: string, cause?: unknown): SaddlebagError {
  return new SaddlebagError('ERR_BUNDLE_INVALID', `Cannot open "${path}": not a bundle: ${fact}`, {
    hint: 'Give the file or folder that "bundle build" wrote.',
    cause,
  });
}
