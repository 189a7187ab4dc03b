import type { PlannedItem } from '../../../bundle/format/item.ts';
import { isSaddlebagError, SaddlebagError } from '../../../internal/error.ts';
import { compareText } from '../../../internal/order.ts';
import { mapCollecting } from '../../../internal/problems.ts';
import { quote } from '../../../internal/quote.ts';
import { formatReference, parseReference } from '../../../oci/reference.ts';
import type { BundleFact } from '../../../products/openshift/catalog/facts.ts';
import { selectPackages } from '../../../products/openshift/catalog/select.ts';
import type { ImageWant } from '../../images/want.ts';
import type { SourceContext } from '../../source.ts';
import { fetchCatalogImage, noCatalog } from './catalog-image.ts';
import { readCatalog } from './contents.ts';
import { planFilteredCatalog } from './filtered-image.ts';
import { filteredLayer } from './filtered-layer.ts';
import type { OperatorsPart } from './part.ts';

/** Catalogs as they are carried, and the images of their operators. */
export interface Operators {
  readonly items: readonly PlannedItem[];
  readonly images: readonly ImageWant[];
}

/**
 * Resolves the operators of a spec: each catalog is read, filtered, and stands for the images of the bundles that are kept.
 *
 * @throws `ProblemsError` with everything that is not there, is no catalog, or cannot be chosen
 */
export async function resolveOperators(
  parts: readonly OperatorsPart[],
  context: SourceContext,
): Promise<Operators> {
  const found = await mapCollecting(parts, {
    code: 'ERR_RESOLVE_FAILED',
    message: () => 'Cannot resolve "openshift.operators"',
    // A catalog is hundreds of MiB to read.
    limit: 1,
    map: async (part) => await resolveCatalog(part, context),
  });
  return {
    items: found.flatMap(({ items }) => items),
    images: found.flatMap(({ images }) => images),
  };
}

async function resolveCatalog(part: OperatorsPart, context: SourceContext): Promise<Operators> {
  const { catalog, full, packages } = part;
  const image = await fetchCatalogImage(catalog, context);
  const names = packages && new Set(packages.map(({ name }) => name));
  const files = await readCatalog(image, names, context);
  const facts = files.flatMap(({ documents }) => documents.flatMap((document) => document?.fact ?? []));
  const selected = selectPackages(facts, { full, packages }, (fact, cause) =>
    noCatalog(image.name, fact, cause),
  );
  const bundles = selected.flatMap((each) => [...each.bundles.values()]);
  const images = imagesOf(bundles, image.name, context);
  if (full && packages === undefined) return { items: [], images: [wholeCatalog(part), ...images] };
  const layer = await filteredLayer(image, { files, selected }, context);
  return { items: [planFilteredCatalog(image, layer, part)], images };
}

/** The catalog as it is keeps its digest. */
function wholeCatalog({ catalog, targetCatalog, targetTag }: OperatorsPart): ImageWant {
  if (targetCatalog === undefined && targetTag === undefined) return { reference: catalog, isWhole: true };
  const { repository, tag, digest } = parseReference(catalog);
  const end = targetTag ?? tag ?? digest?.replace(':', '-') ?? 'latest';
  return { reference: catalog, at: [`${targetCatalog ?? repository}:${end}`] };
}

/** Bundles name images by digest, so that each is taken whole, whatever platforms the spec asks for. */
function imagesOf(
  bundles: readonly BundleFact[],
  catalog: string,
  { warn }: Pick<SourceContext, 'warn'>,
): readonly ImageWant[] {
  const wanted = new Map<string, string>();
  for (const bundle of bundles)
    for (const image of bundle.images) if (!wanted.has(image)) wanted.set(image, bundle.name);
  return [...wanted]
    .sort(([left], [right]) => compareText(left, right))
    .flatMap(([image, bundle]) => {
      if (/^[a-z][a-z0-9+.-]*:\/\//.test(image))
        throw noCatalog(
          catalog,
          `bundle ${quote(bundle)} names the image ${quote(image)}, which is at no registry`,
        );
      const reference = readable(image);
      if (reference !== undefined) return [{ reference, isWhole: true }];
      warn({
        level: 'warning',
        message: `Bundle ${quote(bundle)} of "${catalog}" names the image ${quote(image)}, which is no reference: the bundle goes without it`,
      });
      return [];
    });
}

function readable(image: string): string | undefined {
  try {
    return formatReference(parseReference(image));
  } catch (error) {
    if (!(error instanceof SaddlebagError) || !isSaddlebagError(error, 'ERR_REFERENCE_INVALID')) throw error;
    return undefined;
  }
}
