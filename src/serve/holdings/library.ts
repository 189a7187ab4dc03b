import { type Item, kindOf } from '../../bundle/format/item.ts';
import { Handles } from '../../internal/handles.ts';
import { SaddlebagError } from '../../internal/error.ts';
import { formatCount } from '../../internal/format.ts';
import type { ArtifactFile } from '../../oci/artifact.ts';
import type { ArtifactTree } from '../../oci/artifact-tree.ts';
import type { WaitOptions } from '../../oci/roles.ts';
import { Blobs, type BlobsOptions } from './blobs.ts';
import { type Holding, type HoldingOptions, openHolding } from './holding.ts';
import { type Names, namesOf, type ServedImage } from './names.ts';

/** An item and the holding it was found in. */
export interface ServedItem {
  readonly item: Item;
  readonly holding: Holding;
}

/** All served holdings, presented as one. */
export interface Library extends AsyncDisposable {
  readonly holdings: readonly Holding[];
  /** Items without duplicates: when several holdings have the same kind and name, the first wins. */
  readonly items: readonly ServedItem[];
  readonly names: Names;
  readonly blobs: Blobs;
  /** Returns the files of an artifact item, from its verified manifest. Throws as {@link Blobs.fetchWhole}. */
  files(served: ServedItem, options?: WaitOptions): Promise<readonly ArtifactFile[]>;
  /** Returns the same with the links between the files. */
  tree(served: ServedItem, options?: WaitOptions): Promise<ArtifactTree>;
}

/**
 * Opens everything to be served.
 *
 * @throws as `openHolding`; `ERR_CONTENT_NOT_FOUND` when there is nothing to serve
 */
export async function openLibrary(
  paths: readonly string[],
  options: HoldingOptions & BlobsOptions = {},
): Promise<Library> {
  await using stack = new Handles();
  const holdings: Holding[] = [];
  for (const path of new Set(paths)) holdings.push(stack.use(await openHolding(path, options)));
  if (!holdings.some(({ items }) => items.length > 0)) throw nothingToServe(paths);
  const items = itemsOf(holdings);
  const blobs = new Blobs(holdings, options);
  const listed = new Map<Item, Promise<ArtifactTree>>();
  const held = stack.move();
  const tree: Library['tree'] = async ({ item, holding }, wait) => {
    const found = listed.get(item) ?? holding.treeOf(item, blobs, wait);
    listed.set(item, found);
    // Do not cache a failure: the next request tries again.
    found.catch(() => listed.delete(item));
    return await found;
  };
  return {
    holdings,
    items,
    names: namesOf(items.flatMap(({ item }) => namesIn(item))),
    blobs,
    files: async (served, wait) => (await tree(served, wait)).files,
    tree,
    [Symbol.asyncDispose]: () => held[Symbol.asyncDispose](),
  };
}

/** The item kinds that a registry knows; all others are our own artifacts, without a name there. */
export const REGISTRY_KINDS: ReadonlySet<Item['kind']> = new Set(['image', 'chart', 'artifact', 'signature']);

/** An image answers to every reference that the spec used for it. */
function namesIn(item: Item): readonly ServedImage[] {
  if (!REGISTRY_KINDS.has(item.kind)) return [];
  const spellings = item.kind === 'image' ? (item.spellings ?? []) : [];
  return [...new Set([item.name, ...spellings])].map((name) => ({ name, descriptor: item.descriptor }));
}

function itemsOf(holdings: readonly Holding[]): readonly ServedItem[] {
  const items = new Map<string, ServedItem>();
  for (const holding of holdings) {
    for (const item of holding.items) {
      const key = `${kindOf(item)} ${item.name}`;
      if (!items.has(key)) items.set(key, { item, holding });
    }
  }
  return [...items.values()];
}

function nothingToServe(paths: readonly string[]): SaddlebagError {
  return new SaddlebagError(
    'ERR_CONTENT_NOT_FOUND',
    `Cannot serve ${paths.map((path) => JSON.stringify(path)).join(', ')}: there is no item in ${formatCount(paths.length, 'bundle')}`,
    { hint: 'A patch has none of its own: give the bundle that it repairs as well.' },
  );
}
