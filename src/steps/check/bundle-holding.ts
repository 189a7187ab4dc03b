import type { OpenBundle } from '../../bundle/bundle.ts';
import type { Item } from '../../bundle/format/item.ts';
import { walkItem } from '../../bundle/plan/graph.ts';
import { imagePlatforms } from '../../bundle/plan/image-platforms.ts';
import { type Naming, targetReference } from '../../oci/naming.ts';
import { parseReference, type Reference } from '../../oci/reference.ts';
import type { WaitOptions } from '../../oci/roles.ts';
import type { AskedRepository } from '../../registry/client.ts';
import { canonicalHost } from '../../registry/settings/settings.ts';
import type { Held, Holding } from './holding.ts';
import type { Wanted } from './wanted.ts';

/** A registry that the bundle is going to be installed into. */
export interface FutureRegistry {
  /** Host with its port. */
  readonly host: string;
  readonly prefix: string;
  readonly naming: Naming;
}

/**
 * Returns what a bundle has: its images under their own names, and at the registries that it goes into under the names that
 * `install` gives them.
 */
export function bundleHolding(
  bundle: OpenBundle,
  side: {
    readonly registries: readonly FutureRegistry[];
    readonly askedAt: (wanted: Wanted) => readonly AskedRepository[];
  },
): Holding {
  const { registries, askedAt } = side;
  const items = bundle.document.items.filter(({ kind }) => kind === 'image' || kind === 'artifact');
  const byRepository = new Map<string, Set<Item>>();
  const add = (host: string, repository: string, item: Item): void => {
    const key = `${canonicalHost(host)}/${repository}`;
    byRepository.set(key, (byRepository.get(key) ?? new Set()).add(item));
  };
  for (const item of items) {
    const { registry, repository } = parseReference(item.name);
    add(registry, repository, item);
    for (const { host, prefix, naming } of registries) {
      const written = item.kind === 'image' ? (item.spellings ?? [item.name]) : [item.name];
      for (const name of written) add(host, targetReference(name, naming, prefix).repository, item);
      const own = item.kind === 'image' ? (item.at ?? []) : [];
      for (const at of own) add(host, parseReference(`${host}/${at}`).repository, item);
    }
  }
  return {
    name: bundle.path,
    names: items.map(({ name }) => name),
    find: async (wanted, options) => {
      const asked = parseReference(wanted.reference);
      const places = [{ host: asked.registry, repository: asked.repository }, ...askedAt(wanted)];
      const candidates = places.flatMap((at) => [
        ...(byRepository.get(`${canonicalHost(at.host)}/${at.repository}`) ?? []),
      ]);
      for (const item of new Set(candidates)) {
        if (!(await isMeant(bundle, item, { asked, signal: options?.signal }))) continue;
        const nodes = await Array.fromAsync(walkItem(bundle, item, options));
        const platforms = await imagePlatforms(bundle, nodes, options);
        return { platforms: platforms.length === 0 ? undefined : platforms } satisfies Held;
      }
      return undefined;
    },
  };
}

/** A digest decides where there is one; it may be that of the image for one platform. */
async function isMeant(
  bundle: OpenBundle,
  item: Item,
  { asked: { tag, digest }, signal }: WaitOptions & { readonly asked: Reference },
): Promise<boolean> {
  if (digest === undefined) {
    const own = item.kind === 'image' ? (item.at ?? []).map((at) => at.replace(/^.*:/, '')) : [];
    return parseReference(item.name).tag === tag || own.includes(tag ?? '');
  }
  if (item.descriptor.digest === digest) return true;
  for await (const { descriptor, document } of walkItem(bundle, item, { signal }))
    if (document !== undefined && descriptor.digest === digest) return true;
  return false;
}
