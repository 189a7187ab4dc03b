import { readFile } from 'node:fs/promises';
import type { OpenBundle } from '../../bundle/bundle.ts';
import type { Item } from '../../bundle/format/item.ts';
import { inventoryOf } from '../../bundle/inventory.ts';
import { bundleOpener } from '../carrier.ts';
import type { Ears } from '../ears.ts';
import type { CatalogAtSite, OpenshiftSite, ReleaseAtSite, RepositoryMirror } from '../../config/render.ts';
import { factOf } from '../../disk/errno.ts';
import { SaddlebagError } from '../../internal/error.ts';
import type { Finding } from '../../internal/finding.ts';
import { isRecord } from '../../internal/json.ts';
import { compareText } from '../../internal/order.ts';
import { layerOf } from '../../oci/artifact.ts';
import { parseDigest } from '../../oci/digest.ts';
import { decodeManifest, MANIFEST_LIMIT } from '../../oci/manifest.ts';
import { formatReference, parseReference } from '../../oci/reference.ts';
import type { WaitOptions } from '../../oci/roles.ts';
import { fetchDocument } from '../../oci/verified.ts';
import { targetReference } from '../../oci/naming.ts';
import { CATALOG_LABEL } from '../../products/openshift/catalog/label.ts';
import { type Component, decodeImageReferences } from '../../products/openshift/payload/image-references.ts';
import { IMAGE_REFERENCES } from '../../products/openshift/payload/names.ts';
import { SAMPLES_FILE } from '../../products/openshift/payload/samples.ts';
import { stateFolder } from '../../targets/host-paths.ts';
import { addressOf, type SiteWish } from '../site/wish.ts';
import { hostEnvironment, type Surroundings } from '../surroundings.ts';

type Release = Extract<Item, { readonly kind: 'openshift' }>;
type Image = Extract<Item, { readonly kind: 'image' }>;

/** Largest document that is read (bytes). */
const LIMIT = 8 * 1024 * 1024;
const SIGNATURE = /^sha256-(?<hex>[0-9a-f]{64})-(?<number>\d+)$/;

/**
 * Reads of a bundle what a cluster must know of the registry it went to.
 *
 * @throws what `addressOf` and `openBundle` throw; `ERR_USAGE_INVALID` without a bundle, or for a certificate that cannot be
 * read
 */
export async function loadOpenshiftSite(
  wish: SiteWish,
  surroundings: Surroundings,
  ears: Ears,
): Promise<{ readonly site: OpenshiftSite; readonly findings: readonly Finding[] }> {
  const { bundle: path, caFile, registriesFile } = wish;
  const { signal } = ears;
  if (path === undefined) throw noBundle();
  await using bundle = await bundleOpener({ registriesFile }, surroundings, ears)(path, { signal });
  const inventory = { ...inventoryOf(bundle), type: 'bundle', complete: true } as const;
  const state = stateFolder(hostEnvironment(surroundings));
  const { address, naming, placed, findings } = await addressOf(wish, inventory, state);
  const place = address.prefix === '' ? address.host : `${address.host}/${address.prefix}`;
  const items = bundle.document.items;
  const images = items.filter((item): item is Image => item.kind === 'image');
  const mirrorOf = (image: Image): string => {
    const [own] = image.at ?? [];
    const named =
      own === undefined
        ? targetReference(image.name, naming, address.prefix).repository
        : [address.prefix, own.replace(/:[^:/]*$/, '')].filter((part) => part !== '').join('/');
    return `${address.host}/${placed?.get(image.name) ?? named}`;
  };
  const releases = items.filter((item): item is Release => item.kind === 'openshift');
  const documents = await Promise.all(
    releases.map(async (item) => await documentsOf(bundle, item, { signal })),
  );
  const ofReleases = new Set(documents.flatMap(({ repositories }) => repositories));
  const site: OpenshiftSite = {
    name: bundle.document.name,
    host: address.host,
    place,
    mirrors: mirrorsOf(images, mirrorOf, ofReleases),
    releases: documents.map((release) => releaseAt(release, images, mirrorOf)),
    samples: samplesIn(documents),
    certificate: caFile === undefined ? undefined : await readCertificate(caFile),
    catalogs: await catalogsIn(bundle, images, { mirrorOf, signal }),
  };
  return { site, findings };
}

/** Of a repository in several places, the first of them is its mirror. */
function mirrorsOf(
  images: readonly Image[],
  mirrorOf: (image: Image) => string,
  ofReleases: ReadonlySet<string>,
): readonly RepositoryMirror[] {
  const found = new Map<string, RepositoryMirror>();
  for (const image of images) {
    const { registry, repository, tag } = parseReference(image.name);
    const source = `${registry}/${repository}`;
    const known = found.get(source);
    found.set(source, {
      source,
      mirror: known?.mirror ?? mirrorOf(image),
      isRelease: ofReleases.has(source),
      hasTags: known?.hasTags === true || tag !== undefined,
    });
  }
  return [...found.values()].sort((left, right) => compareText(left.source, right.source));
}

interface Reading extends WaitOptions {
  readonly mirrorOf: (image: Image) => string;
}

/** What the files of a release item say. */
interface Documents {
  readonly item: Release;
  /** Those of its image and of its components. */
  readonly repositories: readonly string[];
  readonly components: readonly Component[];
  readonly signatures: ReleaseAtSite['signatures'];
  readonly samples?: { readonly carried: readonly string[]; readonly skipped: readonly string[] } | undefined;
}

/** Returns the signatures of the releases in a bundle. */
export async function releaseSignatures(
  bundle: OpenBundle,
  { signal }: WaitOptions,
): Promise<readonly Pick<ReleaseAtSite, 'signatures'>[]> {
  const items = bundle.document.items.filter((item): item is Release => item.kind === 'openshift');
  return await Promise.all(
    items.map(async (item) => ({ signatures: signaturesIn(await contentsOf(bundle, item, { signal })) })),
  );
}

async function contentsOf(
  bundle: OpenBundle,
  item: Release,
  { signal }: WaitOptions,
): Promise<ReadonlyMap<string, Uint8Array>> {
  const files = await bundle.files(item, { signal });
  const read = files.map(async (file): Promise<readonly [string, Uint8Array]> => [
    file.name,
    await fetchDocument(bundle, layerOf(file), { signal, limit: LIMIT }),
  ]);
  return new Map(await Promise.all(read));
}

async function documentsOf(bundle: OpenBundle, item: Release, { signal }: WaitOptions): Promise<Documents> {
  const contents = await contentsOf(bundle, item, { signal });
  const { components } = decodeImageReferences(contents.get(IMAGE_REFERENCES) ?? new Uint8Array());
  const references = [parseReference(item.image), ...components.map(({ reference }) => reference)];
  const samples = contents.get(SAMPLES_FILE);
  return {
    item,
    repositories: references.map(({ registry, repository }) => `${registry}/${repository}`),
    components,
    signatures: signaturesIn(contents),
    samples: samples && decodeSampleList(samples),
  };
}

function signaturesIn(contents: ReadonlyMap<string, Uint8Array>): ReleaseAtSite['signatures'] {
  const messages = [...contents].flatMap(([name, message]) => {
    const { hex, number } = SIGNATURE.exec(name)?.groups ?? {};
    return hex === undefined ? [] : [{ hex, number: Number(number), message }];
  });
  const ordered = messages.toSorted(
    (left, right) => compareText(left.hex, right.hex) || left.number - right.number,
  );
  return [...Map.groupBy(ordered, ({ hex }) => hex)].map(([hex, all]) => ({
    digest: parseDigest(`sha256:${hex}`),
    messages: all.map(({ message }) => message),
  }));
}

function releaseAt(
  { item, components, signatures }: Documents,
  images: readonly Image[],
  mirrorOf: Reading['mirrorOf'],
): ReleaseAtSite {
  const gather = components.find(({ name }) => name === 'must-gather')?.reference;
  const image = gather && images.find(({ name }) => name === formatReference(gather));
  return {
    name: item.name,
    version: item.version,
    mustGather: image && `${mirrorOf(image)}@${image.descriptor.digest}`,
    signatures,
  };
}

/** A stream that one release carries is there for the others. */
function samplesIn(documents: readonly Documents[]): OpenshiftSite['samples'] {
  const all = documents.flatMap(({ samples }) => samples ?? []);
  if (all.length === 0) return undefined;
  const carried = [...new Set(all.flatMap((samples) => samples.carried))].sort(compareText);
  const others = all.flatMap(({ skipped }) => skipped).filter((name) => !carried.includes(name));
  return { carried, skipped: [...new Set(others)].sort(compareText) };
}

function decodeSampleList(bytes: Uint8Array): NonNullable<Documents['samples']> {
  const list: unknown = JSON.parse(Buffer.from(bytes).toString('utf8'));
  const names = (key: string): readonly string[] => {
    const value = isRecord(list) ? list[key] : undefined;
    return Array.isArray(value) ? value.filter((name): name is string => typeof name === 'string') : [];
  };
  return { carried: names('carried'), skipped: names('skipped') };
}

/** Catalogs say in their config that they are some; of an index, the first image speaks for all. */
async function catalogsIn(
  bundle: OpenBundle,
  images: readonly Image[],
  { mirrorOf, signal }: Reading,
): Promise<readonly CatalogAtSite[]> {
  const found: CatalogAtSite[] = [];
  for (const image of images) {
    if (!(await isCatalog(bundle, image, { signal }))) continue;
    const [name = image.name] = image.at ?? [];
    const tag = /:([^:/@]+)(?:@|$)/.exec(name)?.[1];
    const end = tag === undefined ? `@${image.descriptor.digest}` : `:${tag}`;
    found.push({ name, image: `${mirrorOf(image)}${end}` });
  }
  return found;
}

async function isCatalog(
  bundle: OpenBundle,
  { descriptor }: Image,
  { signal }: WaitOptions,
): Promise<boolean> {
  const read = async (target: typeof descriptor, limit: number): Promise<Uint8Array> =>
    await fetchDocument(bundle, target, { signal, limit });
  const root = decodeManifest(await read(descriptor, MANIFEST_LIMIT), descriptor.mediaType);
  const child =
    root.type === 'index'
      ? root.manifests.find(({ digest }) => bundle.sizeOf(digest) !== undefined)
      : undefined;
  const manifest =
    child === undefined ? root : decodeManifest(await read(child, MANIFEST_LIMIT), child.mediaType);
  if (manifest.type === 'index' || bundle.sizeOf(manifest.config.digest) === undefined) return false;
  if (manifest.config.size > LIMIT) return false;
  return hasLabel(await read(manifest.config, LIMIT));
}

function hasLabel(bytes: Uint8Array): boolean {
  const text = Buffer.from(bytes).toString('utf8');
  if (!text.includes(CATALOG_LABEL)) return false;
  const config: unknown = JSON.parse(text);
  const own = isRecord(config) ? config['config'] : undefined;
  const labels = isRecord(own) ? own['Labels'] : undefined;
  return isRecord(labels) && CATALOG_LABEL in labels;
}

async function readCertificate(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    throw new SaddlebagError(
      'ERR_USAGE_INVALID',
      `Cannot read --ca-file ${JSON.stringify(path)}: ${factOf(cause)}`,
      {
        cause,
      },
    );
  }
}

function noBundle(): SaddlebagError {
  return new SaddlebagError(
    'ERR_USAGE_INVALID',
    'Cannot write a configuration for OpenShift: no bundle is given',
    {
      hint: 'Name the installed bundle with --bundle.',
    },
  );
}
