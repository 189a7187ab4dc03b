import type { z } from 'zod';
import { faultOfPath } from '../../internal/path/guard.ts';
import { quote } from '../../internal/quote.ts';
import { SaddlebagError } from '../../internal/error.ts';
import { parseForeignRows } from '../../internal/foreign-json.ts';
import { isRecord } from '../../internal/json.ts';
import { ProblemsError } from '../../internal/problems.ts';
import type { Digest } from '../../oci/digest.ts';
import { isFullReference } from '../../oci/reference.ts';
import { type BlobRef, BlobTable } from './blobs/table.ts';
import { type BundleDocument, requiredBlobs } from './document.ts';
import { HEAD_FILES, LAYOUT } from './layout.ts';
import { DOCUMENT_LIMITS } from './limits.ts';
import { isMoment } from './moment.ts';
import { type ItemKind, kindOf } from './item.ts';
import { BLOB_SCHEMA, BUNDLE_FRAME_SCHEMA, FILE_SCHEMA, itemSchemaFor, plainBlob } from './schema.ts';

/** Largest `bundle.json` that is read (bytes). */
export const DOCUMENT_LIMIT: number = 64 * 1024 * 1024;
/** What is checked one by one as it is parsed. */
const LONG_LISTS = ['items', 'blobs'] as const;
/** One mistake can repeat for every blob; this many are enough to report. */
const PROBLEM_LIMIT = 20;

/**
 * Decodes the bytes of `bundle.json`. A newer minor version may have keys that we do not know; they are ignored.
 *
 * @throws `ERR_BUNDLE_INVALID`, a `ProblemsError` when it names single fields
 */
export function decodeBundleDocument(bytes: Uint8Array): BundleDocument {
  let minor = 0;
  // The version decides whether and how the rest is read.
  const onParsed = (value: unknown): void => {
    minor = minorOf(value);
  };
  const { value, rows, count } = parseForeignRows(bytes, {
    limit: DOCUMENT_LIMIT,
    fail: invalidText,
    onParsed,
    lists: LONG_LISTS,
  });
  const faults = new Faults();
  const isLater = minor > 0;
  const frame = decodePart(BUNDLE_FRAME_SCHEMA, value, { faults, isLater, where: [] });
  for (const list of LONG_LISTS) {
    const most = DOCUMENT_LIMITS[list];
    if (count(list) > most)
      faults.add(formatIssue([list], `Too big: expected array to have <=${most} items`));
  }
  if (frame === undefined || !faults.isEmpty) throw faults.error();
  const all = <T>(
    schemaFor: (value: unknown) => z.ZodType<T>,
    list: Iterable<unknown>,
    ...where: readonly PropertyKey[]
  ): Generator<T> => decodeList(schemaFor, list, { faults, isLater, where });
  const { requires } = frame;
  const twice: Digest[] = [];
  const document = {
    ...frame,
    items: [
      ...all((item) => itemSchemaFor(isRecord(item) ? item['kind'] : undefined), rows('items'), 'items'),
    ],
    files: [...all(() => FILE_SCHEMA, frame.files, 'files')],
    blobs: tableOf(
      decodeList(() => BLOB_SCHEMA, rows('blobs'), { faults, isLater, where: ['blobs'], plain: plainBlob }),
      { room: count('blobs'), onTwin: ({ digest }) => twice.push(digest) },
    ),
    requires: requires?.map((each, index) => ({
      ...each,
      blobs: [...all(() => BLOB_SCHEMA, each.blobs, 'requires', index, 'blobs')],
    })),
  };
  if (faults.isEmpty) findFaults(document, faults, { isLater, twice });
  if (faults.isEmpty) return document;
  throw faults.error();
}

function minorOf(document: unknown): number {
  if (!isRecord(document)) throw invalid('it is not an object');
  const version = document['version'];
  const [, major, minor] = (typeof version === 'string' && /^(\d{1,9})\.(\d{1,9})$/.exec(version)) || [];
  if (major === undefined) throw invalid('it has no "version" of the form 1.0');
  if (major !== '1') {
    throw invalid(`it is of format version ${String(version)}, and this program reads 1.x`, {
      hint: 'Use the version of saddlebag that built the bundle, or a newer one.',
    });
  }
  return Number(minor);
}

/** Kinds whose items are named by a full reference. */
const REFERENCES: readonly ItemKind[] = ['image', 'chart', 'signature', 'artifact'];

/** Mistakes as they are found: a few in full, and whether there are more. */
class Faults {
  readonly #facts: string[] = [];

  get isEmpty(): boolean {
    return this.#facts.length === 0;
  }

  get isFull(): boolean {
    return this.#facts.length > PROBLEM_LIMIT;
  }

  add(fact: string): void {
    if (!this.isFull) this.#facts.push(fact);
  }

  error(): SaddlebagError {
    const problems = this.#facts.slice(0, PROBLEM_LIMIT).map((fact) => invalid(fact));
    const [only] = problems;
    if (only !== undefined && problems.length === 1) return only;
    const count = this.isFull
      ? `more than ${PROBLEM_LIMIT} mistakes, of which ${PROBLEM_LIMIT} are listed`
      : `${this.#facts.length} mistakes`;
    return new ProblemsError('ERR_BUNDLE_INVALID', `Cannot read bundle.json: it has ${count}`, {
      problems,
    });
  }
}

interface PartOptions {
  readonly faults: Faults;
  /** Whether the document may have keys that we do not know. */
  readonly isLater: boolean;
  readonly where: readonly PropertyKey[];
}

interface ListOptions<T> extends PartOptions {
  /** Decodes what is of the usual form, quickly. */
  readonly plain?: ((value: unknown) => T | undefined) | undefined;
}

function* decodeList<T>(
  schemaFor: (value: unknown) => z.ZodType<T>,
  list: Iterable<unknown>,
  { faults, isLater, where, plain }: ListOptions<T>,
): Generator<T> {
  let index = 0;
  for (const value of list) {
    if (faults.isFull) return;
    const element =
      plain?.(value) ?? decodePart(schemaFor(value), value, { faults, isLater, where: [...where, index] });
    if (element !== undefined) yield element;
    index += 1;
  }
}

function tableOf(
  blobs: Iterable<BlobRef>,
  { room, onTwin }: { readonly room: number; readonly onTwin: (blob: BlobRef) => void },
): BlobTable {
  const table = new BlobTable(room);
  for (const blob of blobs) if (!table.add(blob)) onTwin(blob);
  return table;
}

function decodePart<T>(
  schema: z.ZodType<T>,
  value: unknown,
  { faults, isLater, where }: PartOptions,
): T | undefined {
  let result = schema.safeParse(value);
  if (!result.success && isLater && dropUnknown(value, result.error.issues)) result = schema.safeParse(value);
  if (result.success) return result.data;
  for (const { path, message } of result.error.issues) faults.add(formatIssue([...where, ...path], message));
  return undefined;
}

/** Removes the keys that the schema does not know; returns whether there were any. */
function dropUnknown(document: unknown, issues: readonly z.core.$ZodIssue[]): boolean {
  const unknown = issues.filter((issue) => issue.code === 'unrecognized_keys');
  for (const { path, keys } of unknown) {
    let place: unknown = document;
    for (const key of path) {
      if (Array.isArray(place)) place = place[Number(key)];
      else if (isRecord(place)) place = place[String(key)];
    }
    if (isRecord(place)) for (const key of keys) delete place[key];
  }
  return unknown.length > 0;
}

function formatIssue(path: readonly PropertyKey[], message: string): string {
  const where = path.map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`)).join('');
  return `${quote(where.replace(/^\./, '') || 'document')}: ${message}`;
}

/** What a schema cannot say: everything is there once, safe to use as a path, and the parts agree. */
function findFaults(
  document: Omit<BundleDocument, 'blobs'> & { readonly blobs: BlobTable },
  faults: Faults,
  { isLater, twice }: { readonly isLater: boolean; readonly twice: readonly Digest[] },
): void {
  const once = (what: string): ((key: string) => void) => {
    const seen = new Set<string>();
    return (key) => {
      if (seen.has(key)) faults.add(`${what} ${quote(key)} appears twice`);
      seen.add(key);
    };
  };
  const [oncePath, onceRequired, onceItem] = [once('file'), once('blob'), once('item')];
  const onceBase = once('bundle that it requires,');
  const { created } = document;
  if (created !== undefined && !isMoment(created))
    faults.add(`created ${quote(created)}: there is no such day or time`);
  for (const { path } of document.files) {
    const isStrange = isReserved(path) || !(isLater || HEAD_FILES.includes(path));
    const fault = faultOfPath(path) ?? (isStrange ? 'it is not for a file of this list' : undefined);
    if (fault !== undefined) faults.add(`file ${quote(path)}: ${fault}`);
    oncePath(path);
  }
  for (const path of HEAD_FILES)
    if (!document.files.some((file) => file.path === path))
      faults.add(`file ${quote(path)}: it is not listed`);
  for (const digest of twice) faults.add(`blob ${quote(digest)} appears twice`);
  for (const { root } of document.requires ?? []) onceBase(root);
  const required = requiredBlobs(document);
  if (required.length > DOCUMENT_LIMITS.blobs)
    faults.add(`it requires more than ${DOCUMENT_LIMITS.blobs} blobs`);
  for (const { digest } of required) {
    onceRequired(digest);
    if (document.blobs.has(digest)) faults.add(`blob ${quote(digest)} appears twice`);
  }
  if (document.patchOf !== undefined && (document.items.length > 0 || document.requires !== undefined)) {
    faults.add('a patch holds no items and requires nothing');
  }
  for (const item of document.items) {
    const { name, descriptor } = item;
    const kind = kindOf(item);
    onceItem(`${kind} ${name}`);
    if (REFERENCES.includes(item.kind) && !isFullReference(name))
      faults.add(`${kind} ${quote(name)}: it is not a full reference`);
    const size = document.blobs.sizeOf(descriptor.digest);
    if (size === undefined) faults.add(`${kind} ${quote(name)}: its root is not among the blobs`);
    else if (size !== descriptor.size) faults.add(`${kind} ${quote(name)}: its root has two sizes`);
  }
  const total = [...document.files, ...required].reduce((sum, { size }) => sum + size, document.blobs.bytes);
  if (!Number.isSafeInteger(total)) faults.add('all sizes together are more than any disk holds');
}

function isReserved(path: string): boolean {
  const { document, signature, sums } = LAYOUT;
  return path === document || path === signature || path === sums || path.startsWith('blobs/');
}

function invalidText(fact: string, cause?: unknown): SaddlebagError {
  return invalid(fact, { cause });
}

function invalid(
  fact: string,
  options: { readonly hint?: string | undefined; readonly cause?: unknown } = {},
): SaddlebagError {
  return new SaddlebagError('ERR_BUNDLE_INVALID', `Cannot read bundle.json: ${fact}`, options);
}
