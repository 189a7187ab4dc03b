import type { OpenBundle } from '../../bundle/bundle.ts';
import type { FileItem } from '../../bundle/format/item.ts';
import { compareText } from '../../internal/order.ts';
import type { WaitOptions } from '../../oci/roles.ts';
import { verified } from '../../oci/verified.ts';
import { type NamingFile, readNames } from '../../sources/manifests/reading/read.ts';
import { bundleHolding } from './bundle-holding.ts';
import { compareWanted } from './compare.ts';
import { releaseHoldings } from './release-holding.ts';
import { gatherWanted } from './wanted.ts';

/** Returns the images that a chart, or the manifests of a bundle, ask for and that the bundle does not bring. */
export async function missingOf(
  item: FileItem,
  bundle: OpenBundle,
  { signal }: WaitOptions,
): Promise<readonly string[]> {
  if (item.kind === 'chart' && (item.images ?? []).every(({ name }) => hasName(bundle, name))) return [];
  const files = (await bundle.files(item, { signal })).map(({ name, descriptor }): NamingFile => {
    const content = { mediaType: '', ...descriptor };
    return { name, open: () => verified(bundle.fetch(content, { signal }), content) };
  });
  const { wanted } = await gatherWanted(readNames(files, { signal }), { platforms: [] });
  const own = bundleHolding(bundle, { registries: [], askedAt: () => [] });
  const { missing } = await compareWanted(wanted, [own, ...(await releaseHoldings(bundle, { signal }))], {
    signal,
  });
  // What the spec leaves out of a chart is not among its images.
  const known = item.kind === 'chart' ? new Set(item.images?.map(({ name }) => name)) : undefined;
  const names = missing.map(({ reference }) => reference).filter((name) => known?.has(name) ?? true);
  return [...new Set(names)].toSorted(compareText);
}

function hasName({ document }: OpenBundle, name: string): boolean {
  return document.items.some((item) => item.kind === 'image' && item.name === name);
}
