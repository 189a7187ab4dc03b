import { basename, resolve } from 'node:path';
import type { Archive } from '../archive/archive.ts';
import { openArchive } from '../archive/open.ts';
import { collectBytes } from '../internal/bytes.ts';
import { isSaddlebagError, SaddlebagError } from '../internal/error.ts';
import { parseForeignJson } from '../internal/foreign-json.ts';
import { isRecord } from '../internal/json.ts';
import { ANNOTATION } from '../oci/annotation.ts';
import { decodeDescriptor, type Descriptor } from '../oci/descriptor.ts';
import { isManifestType } from '../oci/media-type.ts';
import { formatReference, isFullReference, parseReference } from '../oci/reference.ts';
import type { WaitOptions } from '../oci/roles.ts';
import { BlobTable } from './format/blobs/table.ts';
import { blobAt, LAYOUT } from './format/layout.ts';

/** An image of a layout with its full name. */
export interface NamedImage {
  readonly name: string;
  readonly descriptor: Descriptor;
}

/** An OCI image layout that is not a bundle of ours: its images by name, its blobs read in place. */
export interface OpenLayout extends AsyncDisposable {
  /** Path as the user gave it. */
  readonly path: string;
  readonly archive: Archive;
  readonly images: readonly NamedImage[];
  readonly blobs: BlobTable;
}

/** A layout's list has a few hundred bytes for each image; a file larger than this is something else (bytes). */
export const INDEX_LIMIT: number = 64 * 1024 * 1024;

/**
 * Opens an OCI image layout in place: a folder, or a tar of one. Where no entry has a full image name, each is named after the
 * folder or the file, `localhost/NAME:TAG`; otherwise entries without one, such as artifacts, are left out, as is what is listed but
 * not there.
 *
 * @throws `ERR_BUNDLE_NOT_FOUND`, `ERR_BUNDLE_INVALID`, `ERR_ARCHIVE_INVALID`, `ERR_DISK_FAILED`
 */
export async function openLayout(path: string, { signal }: WaitOptions = {}): Promise<OpenLayout> {
  const archive = await openArchive(path);
  try {
    const index = await readIndex(archive, { path, signal });
    const blobs = new BlobTable();
    for await (const entry of archive.entries({ signal })) {
      const digest = blobAt(entry.path);
      if (digest !== undefined) blobs.add({ digest, size: entry.size });
    }
    const images = index.filter(({ descriptor }) => blobs.sizeOf(descriptor.digest) === descriptor.size);
    return { path, archive, images, blobs, [Symbol.asyncDispose]: () => archive[Symbol.asyncDispose]() };
  } catch (error) {
    await archive[Symbol.asyncDispose]();
    throw error;
  }
}

/** Returns the images that the bytes of an `index.json` name. @throws `ERR_DOCUMENT_INVALID`, `ERR_DIGEST_INVALID` */
export function decodeLayoutIndex(bytes: Uint8Array): readonly NamedImage[] {
  return entriesIn(bytes).flatMap(({ annotations, ...descriptor }): NamedImage[] => {
    const name = fullName(annotations);
    return name === undefined ? [] : [{ name, descriptor }];
  });
}

function entriesIn(bytes: Uint8Array): readonly Descriptor[] {
  const entries = parseEntries(bytes).map((entry, at) => decodeDescriptor(entry, `"manifests[${at}]"`));
  return entries.filter(({ mediaType }) => isManifestType(mediaType));
}

/** oras and regctl write only a tag, and crane writes nothing, so the name can only come from the path. */
function namedAfter(path: string, bytes: Uint8Array): readonly NamedImage[] {
  const [, stem = ''] = /^(.*?)(?:\.tar)?$/i.exec(basename(resolve(path))) ?? [];
  const words = stem.toLowerCase().match(/[a-z0-9]+/g) ?? ['layout'];
  const repository = `localhost/${words.join('-')}`;
  const entries = entriesIn(bytes);
  return entries.flatMap(({ annotations = {}, ...descriptor }): NamedImage[] => {
    const written = annotations[ANNOTATION.refName];
    const isAlone = written === undefined && entries.length === 1;
    const end = isAlone ? ':latest' : written === undefined ? `@${descriptor.digest}` : `:${written}`;
    const name = `${repository}${end}`;
    return isFullReference(name) ? [{ name, descriptor }] : [];
  });
}

function parseEntries(bytes: Uint8Array): readonly unknown[] {
  const fail = (fact: string, cause?: unknown): SaddlebagError =>
    new SaddlebagError('ERR_DOCUMENT_INVALID', `Cannot read "${LAYOUT.index}": ${fact}`, { cause });
  const value = parseForeignJson(bytes, { limit: INDEX_LIMIT, fail });
  if (isRecord(value) && Array.isArray(value['manifests'])) return value['manifests'];
  throw fail('it lists no "manifests"');
}

function fullName(annotations: Readonly<Record<string, string>> = {}): string | undefined {
  const name = annotations[ANNOTATION.containerdName] ?? annotations[ANNOTATION.refName];
  if (name === undefined || !name.includes('/')) return undefined;
  try {
    return formatReference(parseReference(name));
  } catch {
    // No client could ask for such a name.
    return undefined;
  }
}

async function readIndex(
  archive: Archive,
  options: WaitOptions & { readonly path: string },
): Promise<readonly NamedImage[]> {
  try {
    // hauler leaves out the mark of a layout, "oci-layout", which says nothing that the list does not.
    const bytes = await collectBytes(archive.stream(LAYOUT.index, options), limited(options.path));
    const named = decodeLayoutIndex(bytes);
    return named.length > 0 ? named : namedAfter(options.path, bytes);
  } catch (error) {
    if (!isSaddlebagError(error, 'ERR_CONTENT_NOT_FOUND')) throw error;
    throw notLayout(options.path, `it holds neither "${LAYOUT.document}" nor "${LAYOUT.index}"`, error);
  }
}

function limited(path: string): { readonly limit: number; readonly onExcess: () => Error } {
  return {
    limit: INDEX_LIMIT,
    onExcess: () => notLayout(path, `its "${LAYOUT.index}" is larger than the ${INDEX_LIMIT} bytes allowed`),
  };
}

function notLayout(path: string, fact: string, cause?: unknown): SaddlebagError {
  return new SaddlebagError('ERR_BUNDLE_INVALID', `Cannot open "${path}": ${fact}`, {
    hint: 'Give a bundle that "bundle build" wrote, or a folder that "bundle install --registry embedded:DIR" filled.',
    cause,
  });
}
