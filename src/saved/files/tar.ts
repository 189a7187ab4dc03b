import { openWhole } from '../../archive/open.ts';
import type { ByteReader } from '../../disk/byte-file.ts';
import type { ByteStream } from '../../internal/bytes.ts';
import { factOf, isSaddlebagError, SaddlebagError } from '../../internal/error.ts';
import { throwIfInterrupted } from '../../internal/interrupt.ts';
import { quote } from '../../internal/quote.ts';
import { finishDigest, startDigest } from '../../oci/digest.ts';
import { ChunkReader, type TarInput } from '../../oci/layer/chunk-reader.ts';
import { type LayerEntry, tarEntries } from '../../oci/layer/entries.ts';
import { MANIFEST_LIMIT } from '../../oci/manifest.ts';
import type { WaitOptions } from '../../oci/roles.ts';
import { ENTRY_LIMIT, faultOfEntry, type SavedFile, type SavedFiles, type SavedLink } from './files.ts';
import { isPacked, unpacked } from './packing.ts';
import { SeekInput } from './seek-input.ts';

/** Documents of a compressed archive are kept while they have no more bytes than this, all together. */
const KEPT_LIMIT = 32 * 1024 * 1024;
const BRACES: readonly number[] = [0x7b, 0x5b];

/**
 * Lists a tar that another program wrote, in place, whatever it is called: ustar, PAX and GNU's, with links. One compressed with
 * gzip or zstd is unpacked from end to end, once, and what there is to know about each file is learned on the way.
 *
 * @throws `ERR_BUNDLE_NOT_FOUND` when nothing is there, `ERR_ARCHIVE_INVALID`, `ERR_DISK_FAILED`
 */
export async function listTar(
  path: string,
  options: WaitOptions & { readonly written: string },
): Promise<SavedFiles> {
  await using reader = await openWhole(path);
  const packed = isPacked(await reader.read(0, 6), options.written);
  const input = packed ? new ChunkReader(unpacked(reader, options)) : new SeekInput(reader);
  return await listed(input, packed ? new Listing({ archive: path }) : new Listing({ reader }), options);
}

/**
 * Lists a tar that a program sends, such as an engine that exports an image: it comes by once, and `resend` has it sent again for whoever
 * reads its content. `written` also tells it from other archives.
 *
 * @throws `ERR_ARCHIVE_INVALID`; what the stream throws
 */
export async function listSent(
  resend: () => ByteStream,
  options: WaitOptions & { readonly written: string },
): Promise<SavedFiles> {
  return await listed(new ChunkReader(resend()), new Listing({ archive: options.written, resend }), options);
}

async function listed(
  input: TarInput,
  list: Listing,
  options: WaitOptions & { readonly written: string },
): Promise<SavedFiles> {
  try {
    for await (const entry of tarEntries(input, ENTRY_LIMIT)) {
      throwIfInterrupted(options.signal);
      await list.take(entry);
    }
  } catch (error) {
    throw about(options.written, error);
  }
  return { path: options.written, files: list.files, links: list.links };
}

/** Where the content of a tar is: in a file that can be read anywhere, or in an archive that comes by once. */
type ListedTar =
  | { readonly reader: ByteReader }
  | { readonly archive: string; readonly resend?: (() => ByteStream) | undefined };

class Listing {
  readonly files = new Map<string, SavedFile>();
  readonly links = new Map<string, SavedLink>();
  readonly #tar: ListedTar;
  #kept = 0;

  constructor(tar: ListedTar) {
    this.#tar = tar;
  }

  async take(entry: LayerEntry): Promise<void> {
    const { path, type, size, position, target } = entry;
    const fault = faultOfEntry(path);
    if (fault !== undefined) throw invalid(path, fault);
    if (type === 'link' || type === 'hard-link')
      this.links.set(path, { target, isHard: type === 'hard-link' });
    if (type !== 'file') return;
    const known = this.files.get(path);
    if (known !== undefined) this.files.set(path, { ...known, isRepeated: true });
    else if ('reader' in this.#tar)
      this.files.set(path, { path, size, at: this.#tar.reader.extents?.(position, size) ?? [] });
    else {
      const { archive, resend } = this.#tar;
      this.files.set(path, { path, size, at: { archive, position, resend }, seen: await this.#see(entry) });
    }
  }

  async #see({ content, size }: LayerEntry): Promise<SavedFile['seen']> {
    const hash = startDigest();
    const parts: Uint8Array[] = [];
    let head = Buffer.alloc(0);
    for await (const chunk of content) {
      hash.update(chunk);
      if (head.length < 6) head = Buffer.concat([head, chunk.subarray(0, 6 - head.length)]);
      const isKept =
        size <= MANIFEST_LIMIT && BRACES.includes(head[0] ?? 0) && this.#kept + size <= KEPT_LIMIT;
      if (isKept) parts.push(chunk);
    }
    const bytes = Buffer.concat(parts);
    const isWhole = bytes.length === size;
    if (isWhole) this.#kept += size;
    return { head, digest: finishDigest(hash), bytes: isWhole ? bytes : undefined };
  }
}

function invalid(path: string, fact: string): SaddlebagError {
  return new SaddlebagError('ERR_ARCHIVE_INVALID', `Cannot accept entry: ${quote(path)}: ${fact}`);
}

/** Says which archive an error is about. */
function about(path: string, error: unknown): SaddlebagError {
  if (!isSaddlebagError(error, 'ERR_ARCHIVE_INVALID')) throw error;
  return new SaddlebagError(error.code, `Cannot read archive ${quote(path)}: ${factOf(error)}`, {
    hint: error.hint ?? 'Save it again, or copy it again.',
    cause: error,
  });
}
