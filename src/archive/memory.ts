import { type ByteStream, streamOf } from '../internal/bytes.ts';
import { throwIfInterrupted } from '../internal/interrupt.ts';
import type { Archive, ArchiveEntry, ListOptions } from './archive.ts';
import type { ByteReader } from '../disk/byte-file.ts';
import { entryNotFound } from './entry-error.ts';
import { entryInvalid, PathGuard } from '../internal/path/guard.ts';

/** Returns an archive of files held in memory, in the order of the map: for tests and small bundles. @visibleForTesting */
export function memoryArchive(files: ReadonlyMap<string, Uint8Array>): Archive {
  return {
    shape: 'memory',
    async *entries(options: ListOptions = {}): AsyncIterable<ArchiveEntry> {
      const guard = new PathGuard();
      for (const [path, bytes] of files) {
        throwIfInterrupted(options.signal);
        const fault = guard.admit(path);
        if (fault === undefined) {
          yield { path, size: bytes.length };
          continue;
        }
        const error = entryInvalid(path, fault);
        if (options.onProblem === undefined) throw error;
        options.onProblem({ path, error });
      }
    },
    async *stream(path, options = {}): ByteStream {
      const bytes = files.get(path);
      if (bytes === undefined) throw entryNotFound(path, 'memory');
      throwIfInterrupted(options.signal);
      yield* streamOf(bytes, options.offset);
    },
    async [Symbol.asyncDispose]() {},
  };
}

/** Returns a reader of bytes held in memory. */
export function memoryReader(bytes: Uint8Array): ByteReader {
  return {
    size: bytes.length,
    async *stream(position, length, options = {}): ByteStream {
      throwIfInterrupted(options.signal);
      yield* streamOf(bytes.subarray(position, position + length));
    },
    async read(position, length) {
      return bytes.subarray(position, position + length);
    },
    async [Symbol.asyncDispose]() {},
  };
}
