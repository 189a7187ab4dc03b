import { type ByteStream, streamOf } from '../internal/bytes.ts';
import { SaddlebagError } from '../internal/error.ts';
import { parseForeignJson } from '../internal/foreign-json.ts';
import { quote } from '../internal/quote.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import { type Digest, digestOf } from '../oci/digest.ts';
import type { FetchOptions, WaitOptions } from '../oci/roles.ts';
import type { SavedFile, SavedFiles } from './files/files.ts';
import { readWhole, streamSaved } from './files/content.ts';

/** Images as another program saved them. Nothing is open. */
export interface SavedImages {
  /** Path of the archive or folder, as the user wrote it. */
  readonly path: string;
  readonly images: readonly SavedImage[];
  /** What may belong to one of the images, such as a signature, and has no name of its own. */
  readonly attachments: readonly Descriptor[];
  /** Every blob by digest. Its size and place are as listed: only whoever reads it knows whether it is what it says. */
  readonly blobs: ReadonlyMap<Digest, SavedBlob>;
  /** What else is in there and is no image, for people: `2 charts`. */
  readonly others: readonly string[];
}

/** An image, and how it is called there. */
export interface SavedImage {
  /** Full reference; left out for an image that has none. */
  readonly name?: string | undefined;
  /** The tag of an image that has only that. */
  readonly tag?: string | undefined;
  /** Its places at a registry, `repository:tag`, in a mirror, which does not say of which registry it is. */
  readonly at?: readonly string[] | undefined;
  /** How an official image of Docker Hub was written. */
  readonly spellings?: readonly string[] | undefined;
  readonly descriptor: Descriptor;
  /** Whether its manifest is none of a registry: the program that saved it, or we, made it. */
  readonly isMade?: boolean | undefined;
}

/** A blob: a file of the archive, bytes that were made of what is in it, or what a program hands out by digest. */
export type SavedBlob = { readonly size: number } & (
  | { readonly file: SavedFile }
  | { readonly bytes: Uint8Array }
  | { readonly open: (options: FetchOptions) => ByteStream }
);

/** Yields a blob, unverified. */
export function streamBlob(blob: SavedBlob, options: FetchOptions = {}): ByteStream {
  if ('open' in blob) return blob.open(options);
  return 'bytes' in blob ? streamOf(blob.bytes, options.offset) : streamSaved(blob.file, options);
}

/** Returns a blob of bytes that were made here, under its digest. */
export function madeBlob(bytes: Uint8Array): readonly [Digest, SavedBlob] {
  return [digestOf(bytes), { size: bytes.length, bytes }];
}

/**
 * Returns the value of a JSON document in an archive.
 *
 * @throws `ERR_ARCHIVE_INVALID`
 */
export async function readJson(
  saved: SavedFiles,
  file: SavedFile,
  options: WaitOptions & { readonly limit: number },
): Promise<unknown> {
  const bytes = await readWhole(saved, file, options);
  return parseForeignJson(bytes, {
    limit: options.limit,
    fail: (fact, cause) => savedInvalid(saved, `${quote(file.path)}: ${fact}`, { cause }),
  });
}

/** Returns the error for an archive that is not what it should be. */
export function savedInvalid(
  { path }: Pick<SavedFiles, 'path'>,
  fact: string,
  options: { readonly hint?: string | undefined; readonly cause?: unknown } = {},
): SaddlebagError {
  return new SaddlebagError('ERR_ARCHIVE_INVALID', `Cannot read images of ${quote(path)}: ${fact}`, {
    hint: options.hint ?? 'It may be cut short, or changed: save the image again, or copy it again.',
    cause: options.cause,
  });
}
