import { once } from 'node:events';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { Parser, type ReadEntry } from 'tar';
import type { ByteStream } from '../../internal/bytes.ts';
import { messageOf, SaddlebagError } from '../../internal/error.ts';

/** Takes the content of a file in the archive. */
export type TakeFile = (content: ByteStream) => Promise<void>;

/**
 * Unpacks the wanted files of a `.tar.gz`, by their path in it; all others are skipped. It reads to the end of the archive,
 * so that a check of the archive sees every byte of it.
 *
 * @throws `ERR_ARCHIVE_INVALID` for what is not such an archive; what the stream and the takers of files throw
 */
export async function unpackFiles(
  archive: ByteStream,
  title: string,
  files: ReadonlyMap<string, TakeFile>,
): Promise<void> {
  const taken = new Map<string, Promise<void>>();
  const { promise: failed, reject } = Promise.withResolvers<never>();
  const parser = new Parser({
    strict: true,
    onReadEntry: (entry: ReadEntry) => {
      const take = entry.type === 'File' && !taken.has(entry.path) ? files.get(entry.path) : undefined;
      if (take === undefined) {
        entry.resume();
        return;
      }
      const work = take(bytesOf(entry));
      work.catch(reject);
      taken.set(entry.path, work);
    },
  });
  parser.on('error', (cause: unknown) => reject(broken(title, cause)));
  failed.catch(() => undefined);
  for await (const chunk of gunzip(archive, title)) {
    if (!parser.write(chunk)) await Promise.race([once(parser, 'drain'), failed]);
  }
  parser.end();
  await Promise.race([Promise.all(taken.values()), failed]);
}

async function* bytesOf(entry: ReadEntry): ByteStream {
  for await (const chunk of entry) yield chunk;
}

async function* gunzip(archive: ByteStream, title: string): ByteStream {
  const inflate = createGunzip();
  // What went wrong on the way in destroys the inflater, so it is thrown by reading from it.
  const fed = pipeline(Readable.from(archive), inflate);
  fed.catch(() => undefined);
  try {
    for await (const chunk of inflate) if (Buffer.isBuffer(chunk)) yield chunk;
    await fed;
  } catch (cause) {
    throw cause instanceof SaddlebagError ? cause : broken(title, cause);
  }
}

function broken(title: string, cause: unknown): SaddlebagError {
  return new SaddlebagError('ERR_ARCHIVE_INVALID', `Cannot unpack ${title}: ${messageOf(cause)}`, { cause });
}
