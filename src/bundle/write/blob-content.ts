import type { ByteReader } from '../../disk/byte-file.ts';
import { type ByteStream, streamOf, type StreamOptions } from '../../internal/bytes.ts';
import { SaddlebagError } from '../../internal/error.ts';
import { digestOf, finishDigest, startDigest } from '../../oci/digest.ts';
import type { FetchOptions } from '../../oci/roles.ts';
import { ContentMismatchError } from '../../oci/verified.ts';
import type { PlannedBlob } from '../format/item.ts';
import { nameOfOrigin } from './origin-name.ts';

/** Supplies the content of planned blobs. Without `lease`, a chunk belongs to the reader: it does not change after it was handed out. */
export interface BlobSource {
  open(blob: PlannedBlob, options: FetchOptions): ByteStream;
  /** Returns whether a blob comes from a local medium; its bytes then count as reused. */
  isAtHand?(blob: PlannedBlob): boolean;
}

/** A blob, its place in the archive, and what is said to be there already. */
export interface Place {
  readonly blob: PlannedBlob;
  /** of its first byte in the archive */
  readonly position: number;
  /** Bytes that an earlier run left there, from the start of the blob; they are read again before they are trusted. */
  readonly held: number;
  /** How often it was fetched with wrong content; 0 when left out. */
  readonly attempt?: number | undefined;
}

/** A piece of a blob; one that is held is in its place already, and one that was reused crossed no network. */
export interface BlobPiece {
  readonly bytes: Uint8Array;
  readonly isHeld: boolean;
  readonly isReused: boolean;
}

export interface ContentContext extends StreamOptions {
  readonly source: BlobSource;
  /** The archive as far as it exists. */
  readonly reader: ByteReader;
  /** Who computes the digest: with `reader` only the size is checked here; `here` when left out. */
  readonly digest?: 'here' | 'reader' | undefined;
}

/** Most attempts to fetch a blob whose content is wrong. */
export const TRIES = 3;

/**
 * Yields a blob from its start: what is in its place already, then the rest from its origin. Only when it ends without an
 * error was the whole of it right.
 *
 * @throws `ContentMismatchError`; what the source and the reader throw
 */
export async function* blobContent(
  place: Place,
  context: ContentContext,
): AsyncGenerator<BlobPiece, void, void> {
  const { descriptor } = place.blob;
  const { digest: expected, size } = descriptor;
  const hash = context.digest === 'reader' ? undefined : startDigest();
  let received = 0;
  if (place.held > 0) {
    for await (const bytes of held(place, context)) {
      hash?.update(bytes);
      received += bytes.length;
      yield { bytes, isHeld: true, isReused: true };
    }
  }
  if (received < size) {
    for await (const bytes of openBlob(place, received, context)) {
      received += bytes.length;
      // Checked before writing: one byte more would land in the next entry.
      if (received > size) throw new ContentMismatchError(descriptor, { size: received });
      hash?.update(bytes);
      yield { bytes, isHeld: false, isReused: isAtHand(place.blob, context) };
    }
  }
  if (received !== size) throw new ContentMismatchError(descriptor, { size: received });
  if (hash === undefined) return;
  const digest = finishDigest(hash);
  if (digest !== expected) throw new ContentMismatchError(descriptor, { size, digest });
}

/**
 * Returns the content of a small blob of which nothing is in place, and whether it crossed no network.
 *
 * @throws as {@link blobContent}
 */
export async function wholeContent(
  place: Place,
  context: Pick<ContentContext, 'source' | 'signal'>,
): Promise<Omit<BlobPiece, 'isHeld'>> {
  const { descriptor } = place.blob;
  const chunks: Uint8Array[] = [];
  let size = 0;
  const stream = descriptor.size === 0 ? [] : openBlob(place, 0, context);
  for await (const bytes of stream) {
    size += bytes.length;
    // Nothing beyond it is kept.
    if (size > descriptor.size) break;
    chunks.push(bytes);
  }
  if (size !== descriptor.size) throw new ContentMismatchError(descriptor, { size });
  const [only = new Uint8Array(), ...others] = chunks;
  const bytes = others.length === 0 ? only : Buffer.concat(chunks);
  const digest = digestOf(bytes);
  if (digest !== descriptor.digest) throw new ContentMismatchError(descriptor, { size, digest });
  return { bytes, isReused: isAtHand(place.blob, context) };
}

/** What is in its place already is read to be hashed, and written nowhere. */
function held(place: Place, { reader, lease, signal }: ContentContext): ByteStream {
  const length = Math.min(place.held, place.blob.descriptor.size);
  return reader.stream(place.position, length, { lease, signal });
}

/** Returns whether it is pointless to ask for a blob again: what is on this machine gives the same bytes each time. */
export function isFinal({ blob, held }: Pick<Place, 'blob' | 'held'>): boolean {
  const { type } = blob.origin;
  return (type === 'bundle' || type === 'file' || type === 'archive') && held === 0;
}

/** Returns the error for a blob that was wrong on every attempt. */
export function refused({ origin }: PlannedBlob, cause: ContentMismatchError): SaddlebagError {
  const name = nameOfOrigin(origin);
  if (origin.type === 'bundle') {
    return new SaddlebagError(cause.code, `${cause.message}, read from "${name}"`, {
      hint: `That bundle is damaged: copy it again. "bundle verify" lists all that is wrong with it.`,
      cause,
    });
  }
  if (origin.type === 'archive') {
    return new SaddlebagError(cause.code, `${cause.message}, read from "${name}"`, {
      hint: 'It is damaged there, or changed while the bundle was built: save the image again, or copy it again.',
      cause,
    });
  }
  if (origin.type === 'file') {
    return new SaddlebagError(cause.code, `${cause.message}, read from "${name}"`, {
      hint: 'The file changed while the bundle was built: wait until nothing writes to it, take it anew with "bundle lock SPEC", and build again.',
      cause,
    });
  }
  return new SaddlebagError(cause.code, `${cause.message}, sent ${TRIES} times by "${name}"`, {
    hint: 'Something in between, such as a proxy, changes what is sent, or it is damaged upstream.',
    cause,
  });
}

function isAtHand(blob: PlannedBlob, { source }: Pick<ContentContext, 'source'>): boolean {
  return blob.origin.type !== 'bytes' && source.isAtHand?.(blob) === true;
}

function openBlob(
  { blob, attempt }: Place,
  offset: number,
  context: Pick<ContentContext, 'source' | 'lease' | 'signal'>,
): ByteStream {
  if (blob.origin.type === 'bytes') return streamOf(blob.origin.bytes, offset);
  const { lease, signal } = context;
  return context.source.open(blob, { offset, attempt, lease, signal });
}
