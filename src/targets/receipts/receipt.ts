import { win32 } from 'node:path';
import { encoded } from '../../internal/bytes.ts';
import { SaddlebagError } from '../../internal/error.ts';
import { type ForeignRows, parseForeignRows } from '../../internal/foreign-json.ts';
import { isRecord, jsonTexts } from '../../internal/json.ts';
import { compareText } from '../../internal/order.ts';
import type { Rows } from '../../internal/table/rows.ts';
import { type Digest, isDigest } from '../../oci/digest.ts';
import { DigestTable } from './digests.ts';
import {
  isTraceless,
  NO_TRACES,
  type PlacedFile,
  sortTraces,
  type Traces,
  uniteTraces,
  withoutTraces,
} from './traces.ts';

const RECEIPT_MEDIA_TYPE = 'application/vnd.saddlebag.receipt.v1+json';
const VERSION = '1.0';
/** A receipt has some hundred bytes per blob; a larger file (bytes) is something else. */
export const RECEIPT_LIMIT: number = 128 * 1024 * 1024;
/** Of a blob in a receipt: four spaces, its digest in quotes, a comma and the end of the line (bytes). */
const BLOB_LINE = 4 + 1 + 'sha256:'.length + 64 + 1 + 1 + 1;
/** The end of the line before the first blob, and two spaces before the bracket that ends their list (bytes). */
const END_OF_BLOBS = 1 + 2;

/** What an install left at its targets: enough to take it back, and for a later delta to leave out what is there. */
export interface Receipt extends Traces {
  /** When it was first written, ISO 8601. */
  readonly createdAt: string;
  /** Root digest of the bundle. */
  readonly root: Digest;
  /** Name of the bundle. */
  readonly name: string;
  /** False while an install runs, and after one that was interrupted or whose targets were not proven. */
  readonly complete: boolean;
  /** What an install was about to leave at the last write; all, some or none of it may be there. */
  readonly begun?: Traces | undefined;
  /** Folders that an install made or was about to make; missing in receipts of earlier versions. */
  readonly folders?: readonly string[] | undefined;
  /** Content that is at the targets; of what is a manifest, all that it is made of as well. */
  readonly blobs: Rows<Digest>;
}

/** Returns everything that an install left or may have left. */
export function allTraces(receipt: Receipt): Traces {
  return receipt.begun === undefined ? receipt : uniteTraces(receipt.begun, receipt);
}

/**
 * Returns whether something went to a place that is not a folder, such as a registry: paths in receipts are absolute.
 */
export function isReference({ destination }: { readonly destination: string }): boolean {
  // Windows recognises absolute paths of both systems.
  return !win32.isAbsolute(destination);
}

/** Returns the bytes of a receipt. Their order does not depend on the order of the work. */
export function encodeReceipt(receipt: Receipt): Uint8Array {
  return Buffer.concat([...encodedReceipt(receipt)]);
}

/** Yields the bytes of a receipt in pieces: that of thousands of images is long. */
export function* encodedReceipt(receipt: Receipt): Generator<Uint8Array, void, undefined> {
  const { createdAt, root, name, complete, begun = NO_TRACES, folders, blobs } = receipt;
  const texts = jsonTexts({
    version: VERSION,
    mediaType: RECEIPT_MEDIA_TYPE,
    createdAt,
    root,
    name,
    complete,
    ...encodeTraces(receipt),
    folders: folders && uniqueText(folders),
    begun: isTraceless(begun) ? undefined : encodeTraces(begun),
    blobs: DigestTable.of(blobs).sorted(),
  });
  yield* encoded(texts);
}

/** Returns the largest size (bytes) of a receipt with so many blobs: each has a line of the same length. */
export function largestSize(receipt: Receipt, blobs: number): number {
  const frame = encodedReceipt({ ...receipt, blobs: [] });
  return frame.reduce((sum, { length }) => sum + length, 0) + END_OF_BLOBS + blobs * BLOB_LINE;
}

function uniqueText(texts: readonly string[]): readonly string[] {
  return [...new Set(texts)].sort(compareText);
}

/** Empty lists that earlier versions did not know are left out. */
function encodeTraces(traces: Traces): Readonly<Record<string, unknown>> {
  const { targets, items, paths, files, listed, references } = sortTraces(traces);
  return {
    targets,
    items,
    paths,
    files: files.length === 0 ? undefined : files,
    listed: listed.length === 0 ? undefined : listed,
    references,
  };
}

/**
 * Returns the receipt in `bytes`.
 *
 * @throws `ERR_DOCUMENT_INVALID` when it is not a receipt, or is one of an unknown version
 */
export function decodeReceipt(bytes: Uint8Array): Receipt {
  const { document, blobs } = parseReceipt(bytes);
  const { version, createdAt, root, name, complete } = document;
  if (typeof version !== 'string' || version.split('.')[0] !== VERSION.split('.')[0])
    throw invalid(
      `its version is ${JSON.stringify(version) ?? 'missing'}, and this program knows ${VERSION}`,
    );
  if (!isDigest(root)) throw invalid('"root" is not a digest');
  if (typeof createdAt !== 'string' || typeof name !== 'string' || typeof complete !== 'boolean')
    throw invalid('"createdAt", "name" or "complete" is missing');
  const begun = document['begun'] === undefined ? undefined : decodeTraces(objectIn(document, 'begun'));
  return {
    createdAt,
    root,
    name,
    complete,
    ...decodeTraces(document),
    begun,
    folders: document['folders'] === undefined ? undefined : list(document, 'folders', pathIn),
    blobs: tableOf(blobs),
  };
}

function decodeTraces(document: Record<string, unknown>): Traces {
  return {
    targets: list(document, 'targets', (value) => {
      const { target, place } = texts(value, ['target', 'place']);
      return { target, place };
    }),
    items: list(document, 'items', (value) => {
      const { kind, name, destination } = texts(value, ['kind', 'name', 'destination']);
      return { kind, name, destination };
    }),
    paths: list(document, 'paths', pathIn),
    files: optionalList(document, 'files', fileIn),
    listed: optionalList(document, 'listed', (value) => {
      const { path, tag } = texts(value, ['path', 'tag']);
      return { path, tag };
    }),
    references: list(document, 'references', (value) => {
      const { reference, digest } = texts(value, ['reference', 'digest']);
      return { reference, digest: digestIn(digest, 'references') };
    }),
  };
}

/**
 * Merges what two installs of the same bundle left. The later one finds in place what the earlier one placed, and must
 * not forget that Saddlebag placed it.
 */
export function mergeReceipts(earlier: Receipt, later: Receipt): Receipt {
  const done = uniteTraces(earlier, later);
  const begun = uniteTraces(earlier.begun ?? NO_TRACES, later.begun ?? NO_TRACES);
  return {
    ...later,
    ...done,
    begun: withoutTraces(begun, done),
    createdAt: earlier.createdAt,
    folders:
      earlier.folders === undefined && later.folders === undefined
        ? undefined
        : [...(earlier.folders ?? []), ...(later.folders ?? [])],
    blobs: DigestTable.of(earlier.blobs, later.blobs),
  };
}

/** The blobs of thousands of images are many: they are parsed in pieces. */
function parseReceipt(bytes: Uint8Array): {
  readonly document: Record<string, unknown>;
  readonly blobs: ReturnType<ForeignRows['rows']>;
} {
  const lists = ['blobs'];
  const { value, rows } = parseForeignRows(bytes, { limit: RECEIPT_LIMIT, fail: invalid, lists });
  if (!isRecord(value)) throw invalid('it is not an object');
  if (!Array.isArray(value['blobs'])) throw invalid('"blobs" is not a list');
  return { document: value, blobs: rows('blobs') };
}

function tableOf(blobs: Iterable<unknown>): DigestTable {
  const table = new DigestTable();
  for (const blob of blobs) table.add(digestIn(blob, 'blobs'));
  return table;
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

function objectIn(document: Record<string, unknown>, key: string): Record<string, unknown> {
  const value = document[key];
  if (isRecord(value)) return value;
  throw invalid(`"${key}" is not an object`);
}

function pathIn(value: unknown): string {
  if (typeof value === 'string') return value;
  throw invalid('one of "paths" or "folders" is not a string');
}

function fileIn(value: unknown): PlacedFile {
  const { path, digest } = texts(value, ['path', 'digest']);
  const size = isRecord(value) ? value['size'] : undefined;
  if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0)
    throw invalid('one of "files" has no size');
  const link = isRecord(value) ? value['link'] : undefined;
  if (link !== undefined && typeof link !== 'string')
    throw invalid('one of "files" has a link that is no text');
  return { path, digest: digestIn(digest, 'files'), size, link };
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
