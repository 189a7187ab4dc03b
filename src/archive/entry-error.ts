import { SaddlebagError } from '../internal/error.ts';
import { quote } from '../internal/quote.ts';

/** Returns the error for an entry that was asked for and does not exist. */
export function entryNotFound(path: string, archive: string): SaddlebagError {
  return new SaddlebagError(
    'ERR_CONTENT_NOT_FOUND',
    `Cannot find ${quote(path)} in "${archive}": there is no such entry`,
  );
}

/** Returns the error for an entry whose bytes ended too early; sizes in bytes. */
export function entryCutShort(
  path: string,
  sizes: { readonly expected: number; readonly found: number },
): SaddlebagError {
  return new SaddlebagError(
    'ERR_ARCHIVE_INVALID',
    `Cannot read entry ${quote(path)}: it is cut short, expected ${sizes.expected} bytes, found ${sizes.found}`,
  );
}
