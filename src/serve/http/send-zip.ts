import { Readable } from 'node:stream';
import type { ZipArchive } from 'archiver';
import type { ByteStream } from '../../internal/bytes.ts';
import type { ArtifactFile } from '../../oci/artifact.ts';
import type { Digest } from '../../oci/digest.ts';
import type { Blobs } from '../holdings/blobs.ts';
import type { Exchange } from './exchange.ts';
import { handOver } from './hand-over.ts';

/** Read from the medium at a time (bytes). */
const CHUNK = 256 * 1024;
/** The first moment that a zip can name: no clock reaches an answer. */
const BEGINNING = new Date(1980, 0, 1);

/**
 * Answers with files as one zip, in which nothing is compressed. Each is verified whole before its first byte is sent; when one is
 * damaged, the zip ends without its directory, and no program opens it.
 *
 * @throws as `Blobs.openVerified`; once the answer has begun, the caller must cut the connection
 */
export async function sendZip(
  { response, method, stallLimit }: Exchange,
  files: readonly ArtifactFile[],
  options: { readonly blobs: Blobs; readonly name: string },
): Promise<void> {
  const { blobs, name } = options;
  const [first] = files;
  // What can be told in words is told before the answer has begun.
  if (first !== undefined) await (await blobs.openVerified(first.descriptor.digest))[Symbol.asyncDispose]();
  response.writeHead(200, {
    'content-type': 'application/zip',
    'content-disposition': `attachment; filename*=UTF-8''${encodeURIComponent(name)}`,
    'cache-control': 'no-cache',
    'x-content-type-options': 'nosniff',
  });
  if (method === 'GET') {
    const { ZipArchive: Zip } = await import('archiver');
    for await (const chunk of packed(new Zip({ store: true }), files, blobs))
      await handOver(response, chunk, { stallLimit });
  }
  response.end();
}

async function* packed(zip: ZipArchive, files: readonly ArtifactFile[], blobs: Blobs): ByteStream {
  const contents = files.map(({ name, descriptor, executable }) => {
    const content = Readable.from(contentOf(blobs, descriptor.digest), { objectMode: false });
    // By itself, the zip waits for ever for a file that fails.
    content.once('error', (error) => zip.destroy(error));
    zip.append(content, { name, mode: executable === true ? 0o755 : 0o644, date: BEGINNING });
    return content;
  });
  const finished = zip.finalize();
  // What it fails with is thrown by reading from it.
  finished.catch(() => undefined);
  try {
    for await (const chunk of zip) if (Buffer.isBuffer(chunk)) yield chunk;
    await finished;
  } finally {
    for (const content of contents) content.destroy();
  }
}

async function* contentOf(blobs: Blobs, digest: Digest): ByteStream {
  await using blob = await blobs.openVerified(digest);
  for (let at = 0; at < blob.size; at += CHUNK) {
    const part = Buffer.alloc(Math.min(CHUNK, blob.size - at));
    await blob.read(part, at);
    yield part;
  }
}
