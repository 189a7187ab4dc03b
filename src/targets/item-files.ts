import type { Bundle } from '../bundle/bundle.ts';
import type { Audience, Item, ItemKind } from '../bundle/format/item.ts';
import { SaddlebagError } from '../internal/error.ts';
import type { ByteStream, StreamOptions } from '../internal/bytes.ts';
import { type ArtifactFile, layerOf } from '../oci/artifact.ts';
import type { Digest } from '../oci/digest.ts';
import type { WaitOptions } from '../oci/roles.ts';
import { verified } from '../oci/verified.ts';
import type { Action, ApplyOptions } from './target.ts';

/** An item of one kind. */
export type ItemOf<Kind extends ItemKind> = Extract<Item, { readonly kind: Kind }>;

/** Returns the items of a kind that are meant for `audience`, in the order of the bundle. */
export function itemsFor<Kind extends ItemKind>(
  bundle: Bundle,
  kind: Kind,
  audience: Audience,
): readonly ItemOf<Kind>[] {
  return bundle.document.items.filter(
    (item): item is ItemOf<Kind> => item.kind === kind && item.audience.includes(audience),
  );
}

/** Yields the bytes of an artifact's file, verified on the way. @throws `ERR_SIZE_MISMATCH`, `ERR_DIGEST_MISMATCH` */
export async function* contentOf(
  bundle: Bundle,
  file: ArtifactFile,
  options: Pick<ApplyOptions, 'onBytes'> & StreamOptions = {},
): ByteStream {
  const { lease, signal } = options;
  const content = bundle.fetch(layerOf(file), { lease, signal });
  for await (const chunk of verified(content, file.descriptor)) {
    options.onBytes?.(chunk.length);
    yield chunk;
  }
}

/** Returns the blobs that these files need from the bundle, given the state of their places. */
export function needOf(
  files: readonly ArtifactFile[],
  state: Action['state'],
): { readonly bytes: number; readonly needs: readonly Digest[] } {
  const wanted = state === 'present' ? [] : files.map(({ descriptor }) => descriptor);
  return {
    bytes: wanted.reduce((sum, { size }) => sum + size, 0),
    needs: wanted.map(({ digest }) => digest),
  };
}

/**
 * Returns the one file of an item that has just one.
 *
 * @throws `ERR_BUNDLE_INVALID` when it has none or several
 */
export async function onlyFileOf(
  bundle: Bundle,
  item: Item,
  options: WaitOptions = {},
): Promise<ArtifactFile> {
  const [file, ...others] = await bundle.files(item, options);
  if (file !== undefined && others.length === 0) return file;
  throw new SaddlebagError(
    'ERR_BUNDLE_INVALID',
    `Cannot read ${item.kind} "${item.name}": expected one file, found ${file === undefined ? 0 : others.length + 1}`,
  );
}
