import type { Origin } from '../../../bundle/format/item.ts';
import type { ByteStream } from '../../../internal/bytes.ts';
import { compareText } from '../../../internal/order.ts';
import type { Descriptor } from '../../../oci/descriptor.ts';
import { finishDigest, startDigest } from '../../../oci/digest.ts';
import { encodeEntry, fromOffset, LAYER_END, padding } from '../../../oci/layer/encode.ts';
import { layerEntries } from '../../../oci/layer/entries.ts';
import type { FetchOptions } from '../../../oci/roles.ts';
import { verified } from '../../../oci/verified.ts';
import { catalogDocuments } from '../../../products/openshift/catalog/documents.ts';
import { edited, editsOf, type FileEdits } from '../../../products/openshift/catalog/edits.ts';
import type { SelectedPackage } from '../../../products/openshift/catalog/select.ts';
import type { SourceContext } from '../../source.ts';
import { type CatalogImage, noCatalog } from './catalog-image.ts';
import { CATALOG_LIMITS, type CatalogFile } from './contents.ts';

/** A layer that takes the place of a catalog's documents. It is not compressed: no two compressors give the same bytes. */
export interface FilteredLayer {
  readonly descriptor: Omit<Descriptor, 'mediaType'>;
  readonly origin: Origin;
}

/** A larger layer (bytes) is not held: it is made again when the bundle is written. */
const HELD_LIMIT = 8 * 1024 * 1024;

interface FileToEdit extends FileEdits {
  readonly path: string;
  readonly layer: Descriptor;
}

/** Returns the layer with what is selected of a catalog. It is made once to learn its digest. */
export async function filteredLayer(
  image: CatalogImage,
  {
    files,
    selected,
  }: { readonly files: readonly CatalogFile[]; readonly selected: readonly SelectedPackage[] },
  context: SourceContext,
): Promise<FilteredLayer> {
  const byName = new Map(selected.map((each) => [each.name, each]));
  const edits = files.flatMap(({ path, layer, documents }): readonly FileToEdit[] => {
    const own = editsOf(documents, byName, (fact, cause) =>
      noCatalog(image.name, `"${path}": ${fact}`, cause),
    );
    return own === undefined ? [] : [{ path, layer, edits: own.edits, size: own.size }];
  });
  const make = (options: FetchOptions): ByteStream =>
    tarOf(image, edits, { context, signal: options.signal });
  const hash = startDigest();
  let size = 0;
  let held: Uint8Array[] = [];
  for await (const chunk of make({ signal: context.signal })) {
    hash.update(chunk);
    size += chunk.length;
    if (size <= HELD_LIMIT) held.push(chunk);
    else held = [];
  }
  const descriptor = { digest: finishDigest(hash), size };
  if (size <= HELD_LIMIT) return { descriptor, origin: { type: 'bytes', bytes: Buffer.concat(held) } };
  const open = (options: FetchOptions): ByteStream => fromOffset(make(options), options.offset ?? 0);
  return { descriptor, origin: { type: 'made', title: `the catalog "${image.name}"`, open } };
}

async function* tarOf(
  { name, reference, folder }: CatalogImage,
  files: readonly FileToEdit[],
  { context, signal }: { readonly context: SourceContext; readonly signal: AbortSignal | undefined },
): ByteStream {
  for (const path of foldersOf([folder, ...files.map(({ path }) => path.replace(/\/[^/]*$/, ''))]))
    yield encodeEntry({ path, type: 'folder', size: 0 });
  // Hides all that the layers below have there (OCI image-spec, layer.md, "Opaque Whiteout").
  yield encodeEntry({ path: `${folder}/.wh..wh..opq`, type: 'file', size: 0 });
  for (const [layer, own] of Map.groupBy(files, (file) => file.layer)) {
    const byPath = new Map(own.map((file) => [file.path, file]));
    const content = context.images.content(reference, layer, { signal });
    for await (const entry of layerEntries(verified(content, layer), CATALOG_LIMITS)) {
      const file = byPath.get(entry.path);
      if (file === undefined || entry.type !== 'file') continue;
      yield encodeEntry({ path: file.path, type: 'file', size: file.size });
      yield* edited(
        catalogDocuments(entry.content, (fact, cause) => noCatalog(name, `"${file.path}": ${fact}`, cause)),
        file,
      );
      yield padding(file.size);
    }
  }
  yield LAYER_END;
}

/** Returns folders with those above them, each behind its own. */
function foldersOf(paths: readonly string[]): readonly string[] {
  const all = paths.flatMap((path) => {
    const parts = path.split('/');
    return parts.map((_, index) => parts.slice(0, index + 1).join('/'));
  });
  return [...new Set(all)].sort(compareText);
}
