import { win32 } from 'node:path';
import { SaddlebagError } from '../../internal/error.ts';
import { encodeJson, isRecord } from '../../internal/json.ts';
import { compareText } from '../../internal/order.ts';
import { type Digest, isDigest } from '../../oci/digest.ts';

const RECEIPT_MEDIA_TYPE = 'application/vnd.saddlebag.receipt.v1+json';
const VERSION = '1.0';
/** A receipt has some hundred bytes for each blob; a larger file than this (bytes) is something else. */
export const RECEIPT_LIMIT: number = 256 * 1024 * 1024;

/** A file as an install left it. */
export interface PlacedFile {
  readonly path: string;
  readonly digest: Digest;
  /** bytes */
  readonly size: number;
}

/** A release tag that an install wrote into the list of versions at `path`, which did not have it. */
export interface ListedTag {
  readonly path: string;
  readonly tag: string;
}

/** What an install left on the other side: enough to take it back, and for a later delta to leave out what is there. */
export interface Receipt {
  /** When it was first written, ISO 8601. */
  readonly createdAt: string;
  /** Root digest of the bundle. */
  readonly root: Digest;
  /** Name of the bundle. */
  readonly name: string;
  /** False after an install that was cut short or whose targets were not proven. */
  readonly complete: boolean;
  readonly targets: readonly { readonly target: string; readonly place: string }[];
  readonly items: readonly { readonly kind: string; readonly name: string; readonly destination: string }[];
  /** Files that Saddlebag created or replaced. */
  readonly paths: readonly string[];
  /** What those of `paths` hold that are Saddlebag's as a whole; receipts of earlier versions do not say. */
  readonly files?: readonly PlacedFile[] | undefined;
  /** Tags that Saddlebag added to lists of versions. */
  readonly listed?: readonly ListedTag[] | undefined;
  /** Images that Saddlebag pushed, `HOST/REPOSITORY[:TAG]`, with the digest of what they stood for. */
  readonly references: readonly { readonly reference: string; readonly digest: Digest }[];
  /** Content that is at the targets. */
  readonly blobs: readonly Digest[];
}

/** Returns whether something went to a place that is no folder, such as a registry: paths in receipts are absolute. */
export function isReference({ destination }: { readonly destination: string }): boolean {
  // Windows knows the absolute paths of both worlds.
  return !win32.isAbsolute(destination);
}

/** Returns the bytes of a receipt. Their order does not depend on that of the work. */
export function encodeReceipt(receipt: Receipt): Uint8Array {
  const { createdAt, root, name, complete, targets, items, paths, references, blobs } = receipt;
  const { files = [], listed = [] } = receipt;
  return encodeJson({
    version: VERSION,
    mediaType: RECEIPT_MEDIA_TYPE,
    createdAt,
    root,
    name,
    complete,
    targets: sorted(targets, ({ target, place }) => `${target} ${place}`),
    items: sorted(items, ({ kind, name: item, destination }) => `${kind} ${item} ${destination}`),
    paths: sorted(paths, (path) => path),
    ...(files.length === 0 ? {} : { files: sorted(files, ({ path }) => path) }),
    ...(listed.length === 0 ? {} : { listed: sorted(listed, ({ path, tag }) => `${path} ${tag}`) }),
    references: sorted(references, ({ reference }) => reference),
    blobs: sorted(blobs, (digest) => digest),
  });
}

/**
 * Returns the receipt in `bytes`.
 *
 * @throws `ERR_DOCUMENT_INVALID` when it is not one, or one of a version that this program does not know
 */
export function decodeReceipt(bytes: Uint8Array): Receipt {
  const document = parseObject(bytes);
  const { version, createdAt, root, name, complete } = document;
  if (typeof version !== 'string' || version.split('.')[0] !== VERSION.split('.')[0])
    throw invalid(
      `its version is ${JSON.stringify(version) ?? 'missing'}, and this program knows ${VERSION}`,
    );
  if (!isDigest(root)) throw invalid('"root" is not a digest');
  if (typeof createdAt !== 'string' || typeof name !== 'string' || typeof complete !== 'boolean')
    throw invalid('"createdAt", "name" or "complete" is missing');
  return {
    createdAt,
    root,
    name,
    complete,
    targets: list(document, 'targets', (value) => {
      const { target, place } = texts(value, ['target', 'place']);
      return { target, place };
    }),
    items: list(document, 'items', (value) => {
      const { kind, name: item, destination } = texts(value, ['kind', 'name', 'destination']);
      return { kind, name: item, destination };
    }),
    paths: list(document, 'paths', (value) => {
      if (typeof value !== 'string') throw invalid('one of "paths" is not a string');
      return value;
    }),
    files: optionalList(document, 'files', fileIn),
    listed: optionalList(document, 'listed', (value) => {
      const { path, tag } = texts(value, ['path', 'tag']);
      return { path, tag };
    }),
    references: list(document, 'references', (value) => {
      const { reference, digest } = texts(value, ['reference', 'digest']);
      return { reference, digest: digestIn(digest, 'references') };
    }),
    blobs: list(document, 'blobs', (value) => digestIn(value, 'blobs')),
  };
}

/**
 * Returns what two installs of the same bundle left together: the later one finds in place what the earlier one placed,
 * and that must not make it forget whose work it was.
 */
export function mergeReceipts(earlier: Receipt, later: Receipt): Receipt {
  return {
    ...later,
    createdAt: earlier.createdAt,
    targets: union(earlier.targets, later.targets, ({ target, place }) => `${target} ${place}`),
    items: union(
      earlier.items,
      later.items,
      ({ kind, name, destination }) => `${kind} ${name} ${destination}`,
    ),
    paths: union(earlier.paths, later.paths, (path) => path),
    files: union(earlier.files ?? [], later.files ?? [], ({ path }) => path),
    listed: union(earlier.listed ?? [], later.listed ?? [], ({ path, tag }) => `${path} ${tag}`),
    references: union(earlier.references, later.references, ({ reference }) => reference),
    blobs: union(earlier.blobs, later.blobs, (digest) => digest),
  };
}

/** The later value of a key wins. */
function union<T>(earlier: readonly T[], later: readonly T[], key: (value: T) => string): readonly T[] {
  return [...new Map([...earlier, ...later].map((value) => [key(value), value])).values()];
}

function sorted<T>(values: readonly T[], key: (value: T) => string): readonly T[] {
  return [...union([], values, key)].sort((left, right) => compareText(key(left), key(right)));
}

function parseObject(bytes: Uint8Array): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
    if (isRecord(value)) return value;
  } catch (cause) {
    throw invalid('it is not JSON', cause);
  }
  throw invalid('it is not an object');
}

function list<T>(
  document: Record<string, unknown>,
  key: string,
  decode: (value: unknown) => T,
): readonly T[] {
  const values = document[key];
  if (!Array.isArray(values)) throw invalid(`"${key}" is not a list`);
  return values.map((value: unknown) => decode(value));
}

function optionalList<T>(
  document: Record<string, unknown>,
  key: string,
  decode: (value: unknown) => T,
): readonly T[] {
  return document[key] === undefined ? [] : list(document, key, decode);
}

function fileIn(value: unknown): PlacedFile {
  const { path, digest } = texts(value, ['path', 'digest']);
  const size = isRecord(value) ? value['size'] : undefined;
  if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0)
    throw invalid('one of "files" has no size');
  return { path, digest: digestIn(digest, 'files'), size };
}

function texts<Key extends string>(value: unknown, keys: readonly Key[]): Record<Key, string> {
  const found = Object.fromEntries(keys.map((key) => [key, isRecord(value) ? value[key] : undefined]));
  if (hasTexts(found, keys)) return found;
  throw invalid(`expected an object with "${keys.join('", "')}"`);
}

function hasTexts<Key extends string>(
  value: Record<string, unknown>,
  keys: readonly Key[],
): value is Record<Key, string> {
  return keys.every((key) => typeof value[key] === 'string');
}

function digestIn(value: unknown, key: string): Digest {
  if (isDigest(value)) return value;
  throw invalid(`one of "${key}" is not a digest`);
}

function invalid(fact: string, cause?: unknown): SaddlebagError {
  return new SaddlebagError('ERR_DOCUMENT_INVALID', `Cannot read receipt: ${fact}`, { cause });
}
