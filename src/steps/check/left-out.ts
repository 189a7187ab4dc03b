import type { Bundle } from '../../bundle/bundle.ts';
import type { FileItem } from '../../bundle/format/item.ts';
import { isSaddlebagError } from '../../internal/error.ts';
import { layerOf } from '../../oci/artifact.ts';
import type { WaitOptions } from '../../oci/roles.ts';
import { parseReference } from '../../oci/reference.ts';
import { fetchDocument } from '../../oci/verified.ts';
import { LEFT_OUT_LIST, parseLeftOut } from '../../products/rancher/left-out.ts';
import type { LeftOutReason, MissingImage } from './compare.ts';

/** A list of 600 images has 40 kB (bytes). */
const LIMIT = 4 * 1024 * 1024;

/** Returns the missing images, those with a reason that the bundles left out on purpose. */
export async function withReasons(
  missing: readonly MissingImage[],
  bundles: readonly Bundle[],
  options: WaitOptions = {},
): Promise<readonly MissingImage[]> {
  if (missing.length === 0) return missing;
  const reasons = new Map<string, LeftOutReason>();
  for (const bundle of bundles)
    for (const item of bundle.document.items)
      if (item.kind === 'rancher')
        for (const [name, parts] of await leftOutOf(bundle, item, options))
          reasons.set(pathOf(name), { release: `Rancher ${item.name}`, parts });
  return missing.map(({ reference, platform, has, nearest, places, times }) => {
    const leftOut = has === undefined ? reasons.get(pathOf(reference)) : undefined;
    return { reference, platform, has, nearest, leftOut, places, times };
  });
}

/** An image may be asked for at a registry of the other side, which keeps its path. */
function pathOf(reference: string): string {
  const { repository, tag = '' } = parseReference(reference);
  return `${repository}:${tag}`;
}

/**
 * Returns the images of a release that a bundle was built without on purpose, each with the parts that want it. This is told
 * beside other answers: a list that cannot be read takes nothing from them.
 */
export async function leftOutOf(
  bundle: Bundle,
  item: FileItem,
  options: WaitOptions,
): Promise<ReadonlyMap<string, readonly string[]>> {
  try {
    const files = await bundle.files(item, options);
    const list = files.find(({ name }) => name === LEFT_OUT_LIST);
    if (list === undefined) return new Map();
    return parseLeftOut(await fetchDocument(bundle, layerOf(list), { signal: options.signal, limit: LIMIT }));
  } catch (error) {
    if (!isSaddlebagError(error) || error.code === 'ERR_INTERRUPTED') throw error;
    return new Map();
  }
}
