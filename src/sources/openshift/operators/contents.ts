import { collectBytes } from '../../../internal/bytes.ts';
import { quote } from '../../../internal/quote.ts';
import { throwIfInterrupted } from '../../../internal/interrupt.ts';
import type { Descriptor } from '../../../oci/descriptor.ts';
import { type LayerEntry, layerEntries, type LayerLimits } from '../../../oci/layer/entries.ts';
import { verified } from '../../../oci/verified.ts';
import {
  catalogDocument,
  type CatalogDocument,
  ceilingOf,
} from '../../../products/openshift/catalog/contents.ts';
import { catalogDocuments } from '../../../products/openshift/catalog/documents.ts';
import type { Fail } from '../../../products/openshift/catalog/fail.ts';
import { IGNORE_FILE, type IgnoreFile, ignoring } from '../../../products/openshift/catalog/ignore.ts';
import type { SourceContext } from '../../source.ts';
import { type CatalogImage, noCatalog } from './catalog-image.ts';

/** A file of a catalog. */
export interface CatalogFile {
  /** In the image. */
  readonly path: string;
  readonly layer: Descriptor;
  /** `undefined` for one that says nothing. */
  readonly documents: readonly (CatalogDocument | undefined)[];
}

/** Ceilings of a layer; a catalog brings its base image and a cache. */
export const CATALOG_LIMITS: LayerLimits = { bytes: 32 * 1024 ** 3, entries: 1_000_000 };
const IGNORE_LIMIT = 64 * 1024;

/**
 * Reads the documents of a catalog as a stream, one at a time, and keeps what a choice needs. `packages` limits it to these; left
 * out, it is all.
 *
 * @throws `ERR_DOCUMENT_INVALID` for what is no catalog; `ERR_ARCHIVE_INVALID`, and what the registry throws
 */
export async function readCatalog(
  image: CatalogImage,
  packages: ReadonlySet<string> | undefined,
  context: SourceContext,
): Promise<readonly CatalogFile[]> {
  const found: Found = {
    files: [],
    faults: new Map(),
    ignores: [],
    hidden: new Set(),
    seen: new Set(),
    count: ceilingOf((fact) => noCatalog(image.name, fact)),
  };
  const [{ manifest }] = image.children;
  for (const layer of manifest.document.layers.toReversed()) {
    // A layer that hides the whole folder ends the search.
    if (isHidden(`${image.folder}/`, found)) break;
    throwIfInterrupted(context.signal);
    await readLayer(layer, { image, packages, context, found });
  }
  const isIgnored = ignoring(found.ignores);
  const within = (path: string): string => path.slice(image.folder.length + 1);
  // All ignore files are known only now.
  for (const [path, fault] of found.faults) if (!isIgnored(within(path))) throw fault;
  return found.files.filter(({ path }) => !isIgnored(within(path)));
}

interface Found {
  readonly files: CatalogFile[];
  /** Why a file cannot be read, by path. */
  readonly faults: Map<string, Error>;
  readonly ignores: IgnoreFile[];
  /** Paths that a higher layer removed. */
  readonly hidden: Set<string>;
  readonly seen: Set<string>;
  readonly count: (document: CatalogDocument) => void;
}

interface Reading {
  readonly image: CatalogImage;
  readonly packages: ReadonlySet<string> | undefined;
  readonly context: SourceContext;
  readonly found: Found;
}

async function readLayer(layer: Descriptor, reading: Reading): Promise<void> {
  const { image, context, found } = reading;
  const [hidden, seen] = [new Set<string>(), new Set<string>()];
  const content = verified(context.images.content(image.reference, layer, context), layer);
  for await (const entry of layerEntries(content, CATALOG_LIMITS)) {
    const removed = whiteout(entry.path);
    if (removed !== undefined) hidden.add(removed);
    if (removed !== undefined || !entry.path.startsWith(`${image.folder}/`) || entry.type === 'folder')
      continue;
    if (isHidden(entry.path, found)) continue;
    if (seen.has(entry.path)) throw noCatalog(image.name, `a layer of it has ${quote(entry.path)} twice`);
    seen.add(entry.path);
    await readEntry(entry, layer, reading);
  }
  for (const path of hidden) found.hidden.add(path);
  for (const path of seen) found.seen.add(path);
}

async function readEntry(entry: LayerEntry, layer: Descriptor, reading: Reading): Promise<void> {
  const { image, packages, found } = reading;
  const { path, type } = entry;
  const fail: Fail = (fact, cause) => noCatalog(image.name, `${quote(path)}: ${fact}`, cause);
  if (path.endsWith(`/${IGNORE_FILE}`) && type === 'file') {
    const text = await collectBytes(entry.content, {
      limit: IGNORE_LIMIT,
      onExcess: () => fail(`it has more than ${IGNORE_LIMIT} bytes`),
    });
    const folder = path.slice(image.folder.length + 1, -IGNORE_FILE.length - 1);
    found.ignores.push({ folder, text: Buffer.from(text).toString('utf8') });
    return;
  }
  const documents: (CatalogDocument | undefined)[] = [];
  // A fault of the layer ends it all; one of a file matters only if the file is not ignored.
  let fault: Error | undefined = type === 'file' ? undefined : fail('it is a link or a device');
  const onFault = (fact: string, cause?: unknown): Error => {
    fault = fail(fact, cause);
    return fault;
  };
  try {
    if (fault === undefined)
      for await (const text of catalogDocuments(entry.content, onFault)) {
        const document = catalogDocument(text, packages, onFault);
        if (document !== undefined) found.count(document);
        documents.push(document);
      }
  } catch (error) {
    if (error !== fault) throw error;
  }
  if (fault === undefined) found.files.push({ path, layer, documents });
  else found.faults.set(path, fault);
}

/** `.wh.name` removes a path of the layers below, `.wh..wh..opq` all in its folder (OCI image-spec, layer.md, "Whiteouts"). */
function whiteout(path: string): string | undefined {
  const slash = path.lastIndexOf('/');
  const [folder, name] = [path.slice(0, slash + 1), path.slice(slash + 1)];
  if (!name.startsWith('.wh.')) return undefined;
  return name === '.wh..wh..opq' ? folder : `${folder}${name.slice('.wh.'.length)}`;
}

/** Opaque folders end with a slash; the top folder is empty. */
function isHidden(path: string, { hidden, seen }: Pick<Found, 'hidden' | 'seen'>): boolean {
  if (seen.has(path) || hidden.has(path) || hidden.has('')) return true;
  for (let slash = path.lastIndexOf('/'); slash > 0; slash = path.lastIndexOf('/', slash - 1)) {
    const folder = path.slice(0, slash);
    if (hidden.has(folder) || hidden.has(`${folder}/`)) return true;
  }
  return false;
}
