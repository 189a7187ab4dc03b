import { readFile, stat } from 'node:fs/promises';
import { isSaddlebagError, messageOf, SaddlebagError } from '../../internal/error.ts';
import { parseForeignJson } from '../../internal/foreign-json.ts';
import { encodeJson, isRecord } from '../../internal/json.ts';
import { compareText } from '../../internal/order.ts';
import { type Digest, isDigest } from '../../oci/digest.ts';
import type { CheckResult } from '../check/check.ts';
import { DOCUMENT_LIMIT } from '../format/decode.ts';
import type { BlobRef } from '../format/document.ts';
import { blobPath, LAYOUT } from '../format/layout.ts';
import type { OpenBundle } from '../bundle.ts';

const MISSING_MEDIA_TYPE = 'application/vnd.saddlebag.missing.v1+json';
const VERSION = '1.0';

/** What a bundle lacks: small enough to carry back to the host that built it. */
export interface MissingList {
  /** Root digest of the bundle. */
  readonly root: Digest;
  readonly name: string;
  /** Files of its head that are damaged; they follow from `bundle.json`. Sorted. */
  readonly files: readonly string[];
  /** Blobs that are damaged or missing. Sorted by digest. */
  readonly blobs: readonly BlobRef[];
}

/**
 * Returns what a bundle lacks by a check of it. With bases, that is what they do not have either, and what a delta requires
 * counts too.
 */
export function missingListOf(
  bundle: OpenBundle,
  checked: CheckResult,
  options: { readonly withRequired: boolean },
): MissingList {
  const wrong = checked.tally.problems.paths;
  const { name, blobs } = bundle.document;
  const damaged = blobs.filter(({ digest }) => wrong.has(blobPath(digest)));
  const absent = options.withRequired ? checked.supply.absent : [];
  return {
    root: bundle.root,
    name,
    files: Object.values(LAYOUT)
      .filter((path) => wrong.has(path))
      .sort(compareText),
    blobs: [...damaged, ...absent].sort((left, right) => compareText(left.digest, right.digest)),
  };
}

/** Returns the bytes of a list. */
export function encodeMissingList({ root, name, files, blobs }: MissingList): Uint8Array {
  const refs = blobs.map(({ digest, size }) => ({ digest, size }));
  return encodeJson({ version: VERSION, mediaType: MISSING_MEDIA_TYPE, root, name, files, blobs: refs });
}

/** Returns the list in a file. @throws `ERR_PATCH_INVALID` */
export async function readMissingList(path: string): Promise<MissingList> {
  try {
    const { size } = await stat(path);
    return decodeMissingList(size > DOCUMENT_LIMIT ? Buffer.alloc(0) : await readFile(path), path);
  } catch (cause) {
    if (isSaddlebagError(cause)) throw cause;
    throw new SaddlebagError('ERR_PATCH_INVALID', `Cannot read list "${path}": ${messageOf(cause)}`, {
      cause,
    });
  }
}

/**
 * Returns the list in `bytes`; `path` is what it is called in messages.
 *
 * @throws `ERR_PATCH_INVALID`
 *
 * @visibleForTesting
 */
export function decodeMissingList(bytes: Uint8Array, path: string): MissingList {
  const fail = (fact: string, cause?: unknown): SaddlebagError =>
    new SaddlebagError('ERR_PATCH_INVALID', `Cannot read list "${path}": ${fact}`, {
      hint: 'Write it again with "bundle verify BUNDLE --missing-to FILE".',
      cause,
    });
  const document = parseForeignJson(bytes, { limit: DOCUMENT_LIMIT, fail });
  if (!isRecord(document)) throw fail('it is not an object');
  const { version, mediaType, root, name, files, blobs } = document;
  if (mediaType !== MISSING_MEDIA_TYPE) throw fail('it is not a list of what is missing');
  if (typeof version !== 'string' || !version.startsWith('1.')) throw fail('its version is not 1.x');
  if (!isDigest(root) || typeof name !== 'string') throw fail('"root" or "name" is missing');
  if (!Array.isArray(files) || !Array.isArray(blobs)) throw fail('"files" or "blobs" is not a list');
  return {
    root,
    name,
    files: files.map((file: unknown) => {
      if (typeof file === 'string') return file;
      throw fail('one of "files" is not a string');
    }),
    blobs: blobs.map((blob: unknown) => {
      const { digest, size } = isRecord(blob) ? blob : {};
      if (isDigest(digest) && typeof size === 'number' && Number.isSafeInteger(size) && size >= 0) {
        return { digest, size };
      }
      throw fail('one of "blobs" is not a digest with a size');
    }),
  };
}
