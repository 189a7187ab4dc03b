import type { Bundle } from '../../bundle/bundle.ts';
import { SaddlebagError } from '../../internal/error.ts';
import { formatCount } from '../../internal/format.ts';
import { collectProblems } from '../../internal/problems.ts';
import { type Naming, type TargetReference, targetReference } from '../../oci/naming.ts';
import { parseReference } from '../../oci/reference.ts';
import { isLocalChart } from '../../products/helm/chart-name.ts';
import { type RegistryItem, registryItems } from './items.ts';
import { type RewriteRule, rewriteRepository } from './rewrite-rule.ts';

/** An item with its name at the registry. */
export interface PushedImage {
  readonly item: RegistryItem;
  readonly reference: TargetReference;
  /** For people and for receipts. */
  readonly name: string;
}

export interface ImageNaming {
  /** The registry. */
  readonly host: string;
  /** Path prefix of every repository. */
  readonly prefix?: string | undefined;
  /** `rancher` when left out. */
  readonly naming?: Naming | undefined;
  /** Rules applied after the naming and before the prefix. */
  readonly rewrites?: readonly RewriteRule[] | undefined;
}

/**
 * Names every image, and rejects before any change what a registry could not store: two images with one tag, or an
 * invalid name.
 *
 * @throws `ProblemsError` `ERR_TARGET_REFUSED` with every image that was rejected
 */
export async function nameImages(bundle: Bundle, options: ImageNaming): Promise<readonly PushedImage[]> {
  const items = registryItems(bundle);
  const taken = new Map<string, RegistryItem>();
  const spellings = spellingsIn(items);
  const named = items.flatMap((item) => namesAs(item, spellings).map((text) => ({ item, text })));
  const summary = {
    code: 'ERR_TARGET_REFUSED',
    message: (count: number) =>
      `Cannot push to "${placeOf(options)}": ${formatCount(count, 'image')} of ${items.length} would not fit there`,
  } as const;
  const wished = await collectProblems(
    named.map(async ({ item, text }) => pushedAs(item, nameAt(item, text, options), options)),
    summary,
  );
  const digests = Map.groupBy(wished, ({ name }) => name);
  const tasks = wished.map(async ({ item, reference, name }): Promise<PushedImage> => {
    const rivals = (digests.get(name) ?? []).filter(
      ({ item: { descriptor } }) => descriptor.digest !== item.descriptor.digest,
    );
    // Of two images with one tag, the one pinned by digest is pushed by digest; the tag goes to the other.
    const isPinned = rivals.length > 0 && reference.digest !== undefined;
    const image = isPinned
      ? pushedAs(item, { ...reference, tag: undefined }, options)
      : { item, reference, name };
    const other = taken.get(image.name);
    if (other !== undefined && other.descriptor.digest !== item.descriptor.digest)
      throw sameName({ name: item.name, other: other.name, target: name }, options);
    taken.set(image.name, item);
    return image;
  });
  return await collectProblems(tasks, summary);
}

function pushedAs(item: RegistryItem, reference: TargetReference, { host }: ImageNaming): PushedImage {
  return { item, reference, name: `${host}/${formatTarget(reference)}` };
}

/** Returns the registry with its path, as shown to users. */
export function placeOf({ host, prefix = '' }: ImageNaming): string {
  return prefix === '' ? host : `${host}/${prefix}`;
}

/** The repositories that users spelled in several ways, with the spellings. */
type Spellings = ReadonlyMap<string, ReadonlySet<string>>;

function spellingsIn(items: readonly RegistryItem[]): Spellings {
  const found = new Map<string, Set<string>>();
  for (const item of items) {
    if (item.kind !== 'image' || item.spellings === undefined) continue;
    const key = repositoryIn(item.name);
    found.set(key, new Set([...(found.get(key) ?? []), ...item.spellings.map(repositoryIn)]));
  }
  return found;
}

/** Clients look for a signature next to its image, so it is pushed under every name of the image. */
function namesAs(item: RegistryItem, spellings: Spellings): readonly string[] {
  const places = placesOf(item);
  if (places.length > 0) return places;
  if (item.kind === 'image') return item.spellings ?? [item.name];
  const repository = repositoryIn(item.name);
  const written = item.kind === 'signature' ? spellings.get(repository) : undefined;
  return written === undefined
    ? [item.name]
    : [...written].map((each) => `${each}${item.name.slice(repository.length)}`);
}

/** Returns the names that an item brings for itself, `repository:tag`. */
function placesOf(item: RegistryItem): readonly string[] {
  return (item.kind === 'image' || item.kind === 'signature' ? item.at : undefined) ?? [];
}

function repositoryIn(name: string): string {
  return name.replace(/(?::[^/:@]+)?(?:@[^/@]+)?$/, '');
}

/** A chart from the builder's own disk has no host worth including in its name; an item's own place has none at all. */
function nameAt(
  item: RegistryItem,
  text: string,
  { naming: chosen, prefix = '', rewrites = [] }: ImageNaming,
): TargetReference {
  const isPlace = placesOf(item).includes(text);
  const naming = item.kind === 'chart' && isLocalChart(text) ? 'strip' : chosen;
  if (rewrites.length === 0 && !isPlace) return targetReference(text, naming, prefix);
  const named = isPlace ? parseReference(`registry.invalid/${text}`) : targetReference(text, naming);
  const { tag, digest } = named;
  const rewritten = rewriteRepository(named.repository, rewrites);
  const repository = prefix === '' ? rewritten : `${prefix}/${rewritten}`;
  try {
    return { repository: parseReference(`registry.invalid/${repository}`).repository, tag, digest };
  } catch (cause) {
    const maker = rewrites.length === 0 ? 'its prefix' : '--rewrite';
    throw new SaddlebagError(
      'ERR_REFERENCE_INVALID',
      `Cannot name image "${text}" at the registry: ${maker} makes "${repository}" of "${named.repository}", which is not a repository name`,
      { cause },
    );
  }
}

/** An image requested by digest alone is pushed by digest alone. */
function formatTarget({ repository, tag, digest }: TargetReference): string {
  if (tag !== undefined) return `${repository}:${tag}`;
  return digest === undefined ? repository : `${repository}@${digest}`;
}

function sameName(
  { name, other, target }: { readonly name: string; readonly other: string; readonly target: string },
  { naming, rewrites = [] }: ImageNaming,
): SaddlebagError {
  const remedy =
    rewrites.length > 0
      ? 'Change the --rewrite that gives both one name.'
      : 'Choose the naming "full", which keeps every host.';
  return new SaddlebagError(
    'ERR_TARGET_REFUSED',
    `Cannot push "${name}": "${other}" would be "${target}" as well`,
    { hint: naming === 'full' && rewrites.length === 0 ? 'Leave one of them out of the bundle.' : remedy },
  );
}
