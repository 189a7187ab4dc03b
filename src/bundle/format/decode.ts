import type { z } from 'zod';
import { faultOfPath } from '../../archive/guard.ts';
import { quote } from '../../internal/quote.ts';
import { SaddlebagError } from '../../internal/error.ts';
import { parseForeignJson } from '../../internal/foreign-json.ts';
import { isRecord } from '../../internal/json.ts';
import { ProblemsError } from '../../internal/problems.ts';
import type { Digest } from '../../oci/digest.ts';
import { isFullReference } from '../../oci/reference.ts';
import { allBlobs, type BundleDocument } from './document.ts';
import { BUNDLE_DOCUMENT_SCHEMA } from './schema.ts';
import { LAYOUT } from './layout.ts';
import { isMoment } from './moment.ts';

/** Largest `bundle.json` that is read (bytes). */
export const DOCUMENT_LIMIT: number = 64 * 1024 * 1024;
/** One mistake can repeat for every blob; this many tell enough. */
const PROBLEM_LIMIT = 20;

/**
 * Decodes the bytes of `bundle.json`. A newer minor version may have keys that we do not know; they are ignored.
 *
 * @throws `ERR_BUNDLE_INVALID`, a `ProblemsError` when it names single fields
 */
export function decodeBundleDocument(bytes: Uint8Array): BundleDocument {
  let minor = 0;
  // The version decides how the rest is to be read, and whether at all.
  const onParsed = (value: unknown): void => {
    minor = minorOf(value);
  };
  const value = parseForeignJson(bytes, { limit: DOCUMENT_LIMIT, fail: invalidText, onParsed });
  let result = BUNDLE_DOCUMENT_SCHEMA.safeParse(value);
  if (!result.success && minor > 0 && dropUnknown(value, result.error.issues)) {
    result = BUNDLE_DOCUMENT_SCHEMA.safeParse(value);
  }
  if (!result.success) throw invalidFields(result.error.issues.map(formatIssue));
  const faults = faultsOf(result.data);
  if (faults.length > 0) throw invalidFields(faults);
  return result.data;
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

/** Takes away the keys that the schema does not know; returns whether there were any. */
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

function formatIssue(issue: z.core.$ZodIssue): string {
  const where = issue.path.map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`)).join('');
  return `${quote(where.replace(/^\./, '') || 'document')}: ${issue.message}`;
}

/** What a schema cannot say: everything is there once, safe to use as a path, and the parts agree. */
function faultsOf(document: BundleDocument): string[] {
  const faults: string[] = [];
  const once = (what: string): ((key: string) => void) => {
    const seen = new Set<string>();
    return (key) => {
      if (seen.has(key)) faults.push(`${what} ${quote(key)} is there twice`);
      seen.add(key);
    };
  };
  const [oncePath, onceBlob, onceItem] = [once('file'), once('blob'), once('item')];
  const sizes = new Map<Digest, number>();
  const { created } = document;
  if (created !== undefined && !isMoment(created))
    faults.push(`created ${quote(created)}: there is no such day or time`);
  for (const { path } of document.files) {
    const fault = faultOfPath(path) ?? (isReserved(path) ? 'it is not for a file of this list' : undefined);
    if (fault !== undefined) faults.push(`file ${quote(path)}: ${fault}`);
    oncePath(path);
  }
  for (const { digest, size } of document.blobs) {
    onceBlob(digest);
    sizes.set(digest, size);
  }
  for (const { digest } of document.requires?.blobs ?? []) onceBlob(digest);
  if (document.patchOf !== undefined && (document.items.length > 0 || document.requires !== undefined)) {
    faults.push('a patch holds no items and requires nothing');
  }
  for (const { kind, name, descriptor } of document.items) {
    onceItem(`${kind} ${name}`);
    if ((kind === 'image' || kind === 'chart' || kind === 'signature') && !isFullReference(name))
      faults.push(`${kind} ${quote(name)}: it is no full reference`);
    const size = sizes.get(descriptor.digest);
    if (size === undefined) faults.push(`${kind} ${quote(name)}: its root is not among the blobs`);
    else if (size !== descriptor.size) faults.push(`${kind} ${quote(name)}: its root has two sizes`);
  }
  const total = [...document.files, ...allBlobs(document)].reduce((sum, { size }) => sum + size, 0);
  if (!Number.isSafeInteger(total)) faults.push('all sizes together are more than there is room anywhere');
  return faults;
}

function isReserved(path: string): boolean {
  const { document, signature, sums } = LAYOUT;
  return path === document || path === signature || path === sums || path.startsWith('blobs/');
}

function invalidFields(facts: readonly string[]): SaddlebagError {
  const more = facts.length > PROBLEM_LIMIT ? `, of which ${PROBLEM_LIMIT} are listed` : '';
  const problems = facts.slice(0, PROBLEM_LIMIT).map((fact) => invalid(fact));
  const [only] = problems;
  if (only !== undefined && problems.length === 1) return only;
  return new ProblemsError(
    'ERR_BUNDLE_INVALID',
    `Cannot read bundle.json: it has ${facts.length} mistakes${more}`,
    { problems },
  );
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
