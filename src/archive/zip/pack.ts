import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import { ZipArchive } from 'archiver';
import type { ByteStream } from '../../internal/bytes.ts';
import { SaddlebagError } from '../../internal/error.ts';
import type { PlacedEntry } from '../archive.ts';

/** The same for every file, on every machine: the first moment that a zip can name, and a plain file of anyone's. */
const PLAIN = { date: '1980-01-01T00:00:00Z', mode: 0o644, store: true } as const;
/** Bytes that may wait between two of the streams (bytes). */
const WAITING = 1024 * 1024;

export interface PackZipOptions {
  /** Gives the content of an entry; called when all before it has been taken. */
  readonly open: (entry: PlacedEntry) => ByteStream;
  /** Whether the end needs the records of a ZIP64. */
  readonly isZip64: boolean;
  /** What the whole must come to (bytes). */
  readonly size: number;
}

/** Yields the bytes of a zip of stored entries, in their order: a function of paths and contents alone. */
export async function* packZip(entries: readonly PlacedEntry[], options: PackZipOptions): ByteStream {
  const archive = new ZipArchive({ store: true, forceZip64: options.isZip64, highWaterMark: WAITING });
  // What goes wrong inside is reported more than once; the first time is the one that ends the loop below.
  archive.on('error', () => undefined);
  const stop = new AbortController();
  const appending = appendAll(archive, entries, { open: options.open, signal: stop.signal });
  appending.catch((error: unknown) => archive.destroy(error instanceof Error ? error : undefined));
  let size = 0;
  try {
    for await (const chunk of archive) {
      if (!(chunk instanceof Uint8Array)) throw new TypeError('a zip gave something else than bytes');
      size += chunk.length;
      yield chunk;
    }
    await appending;
  } finally {
    stop.abort();
    archive.destroy();
  }
  if (size === options.size) return;
  throw new SaddlebagError(
    'ERR_INTERNAL_BUG',
    `Cannot pack zip: it has ${size} bytes, and ${options.size} were laid out`,
  );
}

/** One entry after the other, so that no content is opened before its turn; `signal` says that nobody reads any more. */
async function appendAll(
  archive: ZipArchive,
  entries: readonly PlacedEntry[],
  { open, signal }: Pick<PackZipOptions, 'open'> & { readonly signal: AbortSignal },
): Promise<void> {
  for (const entry of entries) {
    const content = new PassThrough({ highWaterMark: WAITING });
    const taken = once(archive, 'entry', { signal });
    // It is awaited below; when the content fails before, nobody does.
    taken.catch(() => undefined);
    archive.append(content, { ...PLAIN, name: entry.path });
    for await (const chunk of open(entry)) {
      if (!content.write(chunk)) await once(content, 'drain', { signal });
    }
    content.end();
    await taken;
  }
  await archive.finalize();
}
