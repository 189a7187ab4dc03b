import type { Bundle } from '../../bundle/bundle.ts';
import type { Item } from '../../bundle/format/item.ts';
import { factOf, isSaddlebagError, SaddlebagError } from '../../internal/error.ts';
import { equalBytes } from '../../internal/bytes.ts';
import { layerOf } from '../../oci/artifact.ts';
import type { Descriptor } from '../../oci/descriptor.ts';
import { type Digest, parseDigest } from '../../oci/digest.ts';
import { decodeManifest, MANIFEST_LIMIT } from '../../oci/manifest.ts';
import { parseReference } from '../../oci/reference.ts';
import type { WaitOptions } from '../../oci/roles.ts';
import { fetchDocument } from '../../oci/verified.ts';
import { readPayload } from '../../products/openshift/payload/read-payload.ts';
import { verifyReleaseSignature } from '../../products/openshift/trust/verify-release.ts';

type ReleaseItem = Extract<Item, { readonly kind: 'openshift' }>;

/** Largest file of a release item that is read (bytes). */
const FILE_LIMIT = 8 * 1024 * 1024;
const SIGNATURE = /^sha256-(?<hex>[0-9a-f]{64})-\d+$/;

/**
 * Makes sure that one OpenShift release of a bundle can be trusted: that its signature counts, and that its documents are those of its
 * image.
 *
 * @throws `ERR_SIGNATURE_INVALID`, and what reading its content throws
 */
export async function requireTrusted(
  bundle: Bundle,
  item: ReleaseItem,
  options: WaitOptions & { readonly now: number },
): Promise<void> {
  const digest = parseDigest(parseReference(item.image).digest);
  const image = bundle.document.items.find(({ kind, name }) => kind === 'image' && name === item.image);
  if (image === undefined || image.descriptor.digest !== digest)
    throw invalid(item, `its image "${item.image}" is not in the bundle`);
  const files = await filesOf(bundle, item, options);
  const children = await childrenOf(bundle, image.descriptor, options);
  if (item.unsigned !== true) requireSigned(item, { digest, children, files, now: options.now });
  await requirePayload(bundle, item, {
    image: children[0] ?? image.descriptor,
    files,
    signal: options.signal,
  });
}

async function filesOf(
  bundle: Bundle,
  item: ReleaseItem,
  options: WaitOptions,
): Promise<ReadonlyMap<string, Uint8Array>> {
  const files = await bundle.files(item, options);
  const read = files.map(async (file): Promise<readonly [string, Uint8Array]> => {
    return [
      file.name,
      await fetchDocument(bundle, layerOf(file), { signal: options.signal, limit: FILE_LIMIT }),
    ];
  });
  return new Map(await Promise.all(read));
}

/** Returns the images of a list, that of linux/amd64 first; none for a single image. */
async function childrenOf(
  bundle: Bundle,
  root: Descriptor,
  options: WaitOptions,
): Promise<readonly Descriptor[]> {
  const document = await manifestOf(bundle, root, options);
  if (document.type === 'manifest') return [];
  return document.manifests
    .filter(({ platform }) => platform?.os === 'linux')
    .toSorted((left, right) => Number(isMain(right)) - Number(isMain(left)));
}

function isMain({ platform }: Descriptor): boolean {
  return platform?.architecture === 'amd64';
}

async function manifestOf(
  bundle: Bundle,
  target: Descriptor,
  options: WaitOptions,
): Promise<ReturnType<typeof decodeManifest>> {
  const bytes = await fetchDocument(bundle, target, { signal: options.signal, limit: MANIFEST_LIMIT });
  return decodeManifest(bytes, target.mediaType);
}

/** A signed list covers its images; otherwise each of them must be signed. */
function requireSigned(
  item: ReleaseItem,
  {
    digest,
    children,
    files,
    now,
  }: {
    readonly digest: Digest;
    readonly children: readonly Descriptor[];
    readonly files: ReadonlyMap<string, Uint8Array>;
    readonly now: number;
  },
): void {
  const keyrings = [...files].filter(([name]) => name.startsWith('keyring-')).map(([, bytes]) => bytes);
  const trust = { keyrings, named: item.keys ?? [] };
  const signed = new Set<Digest>();
  const faults: SaddlebagError[] = [];
  for (const [name, message] of files) {
    const hex = SIGNATURE.exec(name)?.groups?.['hex'];
    if (hex === undefined) continue;
    try {
      const subject = parseDigest(`sha256:${hex}`);
      verifyReleaseSignature(message, subject, { trust, now });
      signed.add(subject);
    } catch (error) {
      if (!isSaddlebagError(error)) throw error;
      faults.push(error);
    }
  }
  if (signed.has(digest)) return;
  if (children.length > 0 && children.every((child) => signed.has(child.digest))) return;
  const [fault] = faults;
  if (fault !== undefined) throw invalid(item, factOf(fault), fault);
  throw invalid(item, 'it has no signature of its image');
}

/** Who forges a bundle could else have other components installed than those that were signed. */
async function requirePayload(
  bundle: Bundle,
  item: ReleaseItem,
  {
    image,
    files,
    signal,
  }: WaitOptions & { readonly image: Descriptor; readonly files: ReadonlyMap<string, Uint8Array> },
): Promise<void> {
  const document = await manifestOf(bundle, image, { signal });
  const layers = document.type === 'manifest' ? document.layers : [];
  const payload = await readPayload(item.image, layers, (layer) => bundle.fetch(layer, { signal }));
  for (const [name, bytes] of payload.files) {
    const carried = files.get(name);
    if (carried === undefined || !equalBytes(carried, bytes))
      throw invalid(item, `its "${name}" is not the one of its image`);
  }
  if (payload.version !== item.version) throw invalid(item, `its image is OpenShift ${payload.version}`);
}

function invalid({ name }: ReleaseItem, fact: string, cause?: unknown): SaddlebagError {
  return new SaddlebagError('ERR_SIGNATURE_INVALID', `Cannot trust OpenShift release "${name}": ${fact}`, {
    hint: 'Do not install it: ask who built the bundle.',
    cause,
  });
}
