import { type ContentPlace, isPackedPlace } from '../disk/byte-file.ts';
import type { ByteStream } from '../internal/bytes.ts';
import type { FetchOptions } from '../oci/roles.ts';
import { streamExtents } from './files/content.ts';
import { Passes } from './files/passes.ts';

/** Reads content that other programs saved, for one run of a verb. Dispose of it to end what it is in the middle of. */
export class SavedContent implements AsyncDisposable {
  readonly #passes = new Passes();

  /**
   * Yields `size` bytes from a place, unverified.
   *
   * @throws `ERR_ARCHIVE_INVALID`, `ERR_DISK_FAILED`, `ERR_BUNDLE_NOT_FOUND` when the archive is gone
   */
  open(at: ContentPlace, size: number, options: FetchOptions = {}): ByteStream {
    return isPackedPlace(at) ? this.#passes.open({ ...at, size }, options) : streamExtents(at, options);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#passes[Symbol.asyncDispose]();
  }
}
