import { SaddlebagError } from '../../../internal/error.ts';
import { parseForeignJson } from '../../../internal/foreign-json.ts';
import { isRecord } from '../../../internal/json.ts';
import type { Manifest } from '../../../oci/manifest.ts';
import { formatReference, parseReference, type Reference } from '../../../oci/reference.ts';
import { CATALOG_LABEL } from '../../../products/openshift/catalog/label.ts';
import { type FetchedManifest, fetchManifest } from '../../images/graph.ts';
import { platformOffers } from '../../images/platforms.ts';
import { fetchRoot } from '../../images/root.ts';
import type { SourceContext } from '../../source.ts';

/** A catalog's image for one platform. */
interface CatalogChild {
  readonly manifest: FetchedManifest & { readonly document: Manifest };
  readonly config: Readonly<Record<string, unknown>>;
}

/** A catalog image. */
export interface CatalogImage {
  readonly name: string;
  readonly reference: Reference;
  readonly root: FetchedManifest;
  /** For each platform, the one that is read first. */
  readonly children: readonly [CatalogChild, ...CatalogChild[]];
  /** The folder of its documents in the image, without slashes at its ends. */
  readonly folder: string;
}

const CONFIG_LIMIT = 8 * 1024 * 1024;
/** Catalogs before file-based ones are a database in the image. */
const DATABASE_LABEL = 'operators.operatorframework.io.index.database.v1';

/**
 * Returns a catalog's image. Of an index, linux/amd64 is read, or else its first image: all have the same documents.
 *
 * @throws `ERR_DOCUMENT_INVALID` for an image that is no catalog; what the registry throws
 */
export async function fetchCatalogImage(written: string, context: SourceContext): Promise<CatalogImage> {
  const named = parseReference(written);
  const name = formatReference(named);
  const root = await fetchRoot({ reference: named, name }, context);
  const offers = await platformOffers({ name, reference: named }, root, context);
  // Attestations are listed for a platform of their own.
  const images = offers.filter(({ platform: { os } }) => os !== 'unknown');
  const chosen = images.find(
    ({ platform: { os, architecture } }) => os === 'linux' && architecture === 'amd64',
  );
  const ordered = chosen === undefined ? images : [chosen, ...images.filter((each) => each !== chosen)];
  const fetched = await Promise.all(
    ordered.map(async ({ descriptor }) => {
      const manifest =
        root.document.type === 'manifest' ? root : await fetchManifest(named, descriptor, context);
      const { document } = manifest;
      if (document.type !== 'manifest') return [];
      const config = await fetchConfig(document, { reference: named, name, context });
      return [{ manifest: { ...manifest, document }, config }];
    }),
  );
  const [first, ...others] = fetched.flat();
  if (first === undefined) throw noCatalog(name, 'it is no image');
  return { name, reference: named, root, children: [first, ...others], folder: folderOf(name, first.config) };
}

async function fetchConfig(
  { config }: Manifest,
  {
    reference,
    name,
    context,
  }: { readonly reference: Reference; readonly name: string; readonly context: SourceContext },
): Promise<Readonly<Record<string, unknown>>> {
  const bytes = await context.images.document(reference, config, context);
  const fail = (fact: string, cause?: unknown): SaddlebagError =>
    noCatalog(name, `its config: ${fact}`, cause);
  const value = parseForeignJson(bytes, { limit: CONFIG_LIMIT, fail, exact: true });
  if (isRecord(value)) return value;
  throw fail('it is not an object');
}

function folderOf(name: string, config: Readonly<Record<string, unknown>>): string {
  const own = config['config'];
  const labels = isRecord(own) && isRecord(own['Labels']) ? own['Labels'] : {};
  const label = labels[CATALOG_LABEL];
  if (typeof label !== 'string')
    throw noCatalog(
      name,
      DATABASE_LABEL in labels
        ? 'it is a database, as catalogs were before OpenShift 4.11'
        : `it does not have the label "${CATALOG_LABEL}"`,
    );
  const folder = label.replace(/^\/+|\/+$/g, '');
  const isSafe = folder.split('/').every((part) => !['', '.', '..'].includes(part));
  if (isSafe && folder.length <= 1024) return folder;
  throw noCatalog(name, `its label "${CATALOG_LABEL}" names no folder`);
}

/** Returns the error for an image that cannot be used as a catalog. */
export function noCatalog(name: string, fact: string, cause?: unknown): SaddlebagError {
  return new SaddlebagError(
    'ERR_DOCUMENT_INVALID',
    `Cannot use "${name}" as a catalog of operators: ${fact}`,
    {
      hint: 'A catalog is an image such as registry.redhat.io/redhat/redhat-operator-index:v4.20.',
      cause,
    },
  );
}
