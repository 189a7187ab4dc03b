import { SaddlebagError } from '../../internal/error.ts';
import { collectProblems } from '../../internal/problems.ts';
import { type Digest, digestOf } from '../../oci/digest.ts';
import type { K3sArchitecture } from '../../products/k3s/architecture.ts';
import { INSTALL_SCRIPT, sumsName } from '../../products/distribution/asset.ts';
import { archiveName, binaryName, IMAGE_LIST } from '../../products/k3s/asset.ts';
import { releaseSums } from '../distribution/sums.ts';
import { isOlderThan, type ReleaseTag } from '../../products/distribution/tag.ts';
import { fileOfBytes, type PlannedFile } from '../images/planned-artifact.ts';
import { type SourceContext, urlOf } from '../source.ts';
import { CATALOGUE } from './catalogue.ts';
import { DOWNLOADS, SOURCE } from './upstreams.ts';
import { missingSum } from '../web/sums-file.ts';
import { urlBelow } from '../web/url-path.ts';

/** The files to get of a release for one architecture. */
export interface K3sFilesOptions {
  readonly architecture: K3sArchitecture;
  /** A node also gets the list of images and the install script. */
  readonly forNode: boolean;
  /** Whether to add the uncompressed archive, for Rancher Desktop 1.6 and older. */
  readonly tar: boolean;
}

/** The first K3s version with `.tar.zst`; every version has `.tar`. */
const FIRST_WITH_ZST = '1.21.0';

/**
 * Returns the files of a release for one architecture, each checked against the release's own sums file. The sums file is
 * included unchanged.
 *
 * @throws `ERR_UPSTREAM_NOT_FOUND`, `ERR_CHECKSUM_MISSING`, `ERR_DIGEST_MISMATCH`, `ERR_DOCUMENT_INVALID`
 */
export async function k3sFiles(
  tag: ReleaseTag,
  options: K3sFilesOptions,
  context: SourceContext,
): Promise<readonly PlannedFile[]> {
  const { architecture, forNode } = options;
  const { bytes, sums, where } = await releaseSums(
    tag,
    { downloads: DOWNLOADS, architecture, catalogue: CATALOGUE },
    context,
  );
  const covered = [binaryName(architecture), ...archivesOf(tag, sums, options)];
  const tasks = covered.map(async (name) => {
    const digest = sums.get(name);
    if (digest === undefined) throw missingSum(name, where);
    return await downloadOf(tag, { name, digest }, context);
  });
  if (forNode) tasks.push(imageListOf(tag, sums.get(IMAGE_LIST), context), installScriptOf(tag, context));
  const files = await collectProblems(tasks, {
    code: 'ERR_RESOLVE_FAILED',
    message: () => `Cannot resolve K3s ${tag.tag} for ${architecture}`,
  });
  return [...files, fileOfBytes(sumsName(architecture), bytes)];
}

/** Returns a release's list of images, one reference a line. */
export async function fetchImageList(tag: ReleaseTag, context: SourceContext): Promise<Uint8Array> {
  return await context.web.document(assetUrl(tag, IMAGE_LIST, context), context);
}

/** The sums file shows which assets exist: some releases have only `.tar` for one of their architectures. */
function archivesOf(
  tag: ReleaseTag,
  sums: ReadonlyMap<string, Digest>,
  { architecture, tar }: K3sFilesOptions,
): readonly string[] {
  const [compressed, plain] = [archiveName(architecture, '.tar.zst'), archiveName(architecture, '.tar')];
  const isPlainOnly = !sums.has(compressed) && sums.has(plain);
  if (isPlainOnly || isOlderThan(tag, FIRST_WITH_ZST)) return [plain];
  return tar ? [compressed, plain] : [compressed];
}

async function downloadOf(
  tag: ReleaseTag,
  file: { readonly name: string; readonly digest: Digest },
  context: SourceContext,
): Promise<PlannedFile> {
  const { name, digest } = file;
  const url = assetUrl(tag, name, context);
  const descriptor = await context.web.measure(url, { digest, signal: context.signal });
  return { name, descriptor, executable: !name.includes('.'), origin: { type: 'url', url } };
}

/** Only the sums files of older releases cover the list of images. */
async function imageListOf(
  tag: ReleaseTag,
  expected: Digest | undefined,
  context: SourceContext,
): Promise<PlannedFile> {
  const bytes = await fetchImageList(tag, context);
  const found = digestOf(bytes);
  if (expected === undefined || expected === found) return fileOfBytes(IMAGE_LIST, bytes);
  throw new SaddlebagError(
    'ERR_DIGEST_MISMATCH',
    `Cannot verify "${IMAGE_LIST}" of K3s ${tag.tag}: expected "${expected}", found "${found}"`,
  );
}

/** The script is not a release asset: it is in the repository at the tag. */
async function installScriptOf(tag: ReleaseTag, context: SourceContext): Promise<PlannedFile> {
  const url = urlBelow(urlOf(SOURCE, context), tag.tag, INSTALL_SCRIPT);
  const descriptor = await context.web.measure(url, { signal: context.signal });
  return { name: INSTALL_SCRIPT, descriptor, executable: true, origin: { type: 'url', url } };
}

function assetUrl(tag: ReleaseTag, name: string, context: SourceContext): string {
  return urlBelow(urlOf(DOWNLOADS, context), tag.tag, name);
}
