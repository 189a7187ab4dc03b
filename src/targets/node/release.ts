import { SaddlebagError } from '../../internal/error.ts';
import { compareTags, type ReleaseTag } from '../../products/distribution/tag.ts';
import type { NodeProduct } from './product.ts';

/** The release of a product that a node is to run. */
export interface ReleaseWish {
  /** The node's architecture, in Go terms. */
  readonly architecture: string;
  /** Release tag to install; the highest in the bundle when left out. */
  readonly version?: string | undefined;
  /** Whether it may skip a minor release of what is there, or go back. */
  readonly isOutOfOrder?: boolean | undefined;
}

/**
 * Returns the release for a node, which runs one: the one the user names, or the highest. A release candidate is chosen only when
 * there is nothing else.
 *
 * @throws `ERR_CONTENT_NOT_FOUND`
 */
export function chosenRelease<Release extends { readonly name: string }>(
  items: readonly Release[],
  { product, wish }: { readonly product: NodeProduct; readonly wish: ReleaseWish },
): Release {
  const { version, architecture } = wish;
  const [best] = items
    .flatMap((item) => {
      const tag = product.parse(item.name);
      return tag !== undefined && (version === undefined || isMeant(tag, version)) ? [{ item, tag }] : [];
    })
    .sort((left, right) => bestFirst(left.tag, right.tag));
  if (best !== undefined) return best.item;
  const { name, kind } = product;
  const wanted = version === undefined ? name : `${name} ${JSON.stringify(version)}`;
  throw new SaddlebagError(
    'ERR_CONTENT_NOT_FOUND',
    `Cannot set up a node: the bundle has no ${wanted} for ${architecture}`,
    {
      hint:
        items.length === 0
          ? `Build the bundle with "${kind}" in its spec, for the architecture of the node.`
          : `It has: ${items.map((item) => item.name).join(', ')}.`,
    },
  );
}

/** Returns the error for a release that lacks a file without which no node starts. */
export function incomplete(
  what: string,
  { name }: { readonly name: string },
  product: NodeProduct,
): SaddlebagError {
  return new SaddlebagError(
    'ERR_TARGET_REFUSED',
    `Cannot place ${product.name} "${name}" on a node: the bundle has no ${what}`,
    { hint: `Build the bundle again, with "${product.kind}" in its spec.` },
  );
}

function bestFirst(left: ReleaseTag, right: ReleaseTag): number {
  return Number(left.prerelease) - Number(right.prerelease) || compareTags(right, left);
}

/** A user may leave out the `v`, or the build. */
function isMeant({ tag, version }: ReleaseTag, text: string): boolean {
  return [tag, version].some((name) => name.replace(/^v/, '') === text.replace(/^v/, ''));
}
