import { SaddlebagError } from '../../internal/error.ts';
import type { Finding } from '../../internal/finding.ts';
import { redactUrl } from '../../internal/http/redact.ts';
import { uniqueBy } from '../../internal/order.ts';
import { collectProblems } from '../../internal/problems.ts';
import { INSTALL_SCRIPT, sumsName } from '../../products/distribution/asset.ts';
import type { ReleaseTag } from '../../products/distribution/tag.ts';
import {
  partArchiveNames,
  partListName,
  partsOf,
  tarballName,
  WINDOWS_INSTALL_SCRIPT,
  WINDOWS_TARBALL,
  type WindowsBuild,
  windowsArchiveNames,
} from '../../products/rke2/asset.ts';
import { type ReleaseSums, releaseSums } from '../distribution/sums.ts';
import { fileOfBytes, type PlannedFile } from '../images/planned-artifact.ts';
import { type SourceContext, urlOf } from '../source.ts';
import { missingSum } from '../web/sums-file.ts';
import { urlBelow } from '../web/url-path.ts';
import { CATALOGUE } from './catalogue.ts';
import { ASSET_DIGEST } from './digests.ts';
import type { Rke2Part } from './part.ts';
import { DOWNLOADS, SOURCE } from './upstreams.ts';

/** The files to get of a release. */
interface ReleaseFilesWish extends Pick<Rke2Part, 'architectures' | 'images' | 'windows'> {
  /** Whether only an upgrade passes through it: then it may lack a part of the images. */
  readonly isBetween?: boolean | undefined;
}

/** The images of Windows agents are for this one. */
const WINDOWS_ARCHITECTURE = 'amd64';

/**
 * Returns the files of a release: for each architecture the tarball, the parts of the images with their lists, and the release's
 * own sums, which check them all; `install.sh`; and what Windows agents need.
 *
 * @throws `ProblemsError` of `ERR_UPSTREAM_NOT_FOUND`, `ERR_CHECKSUM_MISSING`, `ERR_DOCUMENT_INVALID`
 */
export async function rke2Files(
  tag: ReleaseTag,
  { architectures, images, windows, isBetween = false }: ReleaseFilesWish,
  context: SourceContext,
): Promise<readonly PlannedFile[]> {
  const files = await collectProblems(
    [
      ...architectures.map((architecture) => linuxFiles(tag, { architecture, images, isBetween }, context)),
      windowsFiles(tag, windows, context),
      scriptOf(tag, INSTALL_SCRIPT, context).then((script) => [script]),
    ],
    { code: 'ERR_RESOLVE_FAILED', message: () => `Cannot resolve RKE2 ${tag.tag}` },
  );
  return uniqueBy(files.flat(), ({ name }) => name);
}

async function linuxFiles(
  tag: ReleaseTag,
  {
    architecture,
    images,
    isBetween,
  }: {
    readonly architecture: string;
    readonly images: Rke2Part['images'];
    readonly isBetween: boolean;
  },
  context: SourceContext,
): Promise<readonly PlannedFile[]> {
  const found = await releaseSums(tag, { downloads: DOWNLOADS, architecture, catalogue: CATALOGUE }, context);
  const there = partsOf(found.sums.keys(), architecture);
  const wanted = images === 'all' ? there : images;
  const parts = isBetween ? wanted.filter((part) => there.includes(part)) : wanted;
  for (const part of wanted)
    if (!parts.includes(part)) context.warn(withoutPart(part, { tag, architecture, there }));
  const names = parts.map((part) => archiveOf(part, { tag, architecture, found }));
  const files = await collectProblems(
    [
      covered(tag, tarballName(architecture), { found, context }),
      ...names.map((name) => archive(tag, name, { found, context })),
      ...parts.map((part) => covered(tag, partListName(part, architecture), { found, context })),
    ],
    { code: 'ERR_RESOLVE_FAILED', message: () => `Cannot resolve RKE2 ${tag.tag} for ${architecture}` },
  );
  return [...files, fileOfBytes(sumsName(architecture), found.bytes)];
}

/** Nobody named the release, so it cannot be asked for a part that came or went with another one. */
function withoutPart(
  part: string,
  {
    tag,
    architecture,
    there,
  }: { readonly tag: ReleaseTag; readonly architecture: string; readonly there: readonly string[] },
): Finding {
  return {
    level: 'warning',
    message: `RKE2 ${tag.tag}, a step of the upgrade, has no part "${part}" of the images for ${architecture}`,
    hint: `It has: ${there.join(', ')}. Add under "versions" another release of that minor if nodes need it.`,
  };
}

/** Which parts there are differs from release to release and from architecture to architecture. */
function archiveOf(
  part: string,
  {
    tag,
    architecture,
    found,
  }: { readonly tag: ReleaseTag; readonly architecture: string; readonly found: ReleaseSums },
): string | SaddlebagError {
  const name = partArchiveNames(part, architecture).find((each) => found.sums.has(each));
  if (name !== undefined) return name;
  return new SaddlebagError(
    'ERR_UPSTREAM_NOT_FOUND',
    `Cannot find part "${part}" of the images of RKE2 ${tag.tag} for ${architecture}: the release has none of this name`,
    { hint: `It has: ${partsOf(found.sums.keys(), architecture).join(', ')}.` },
  );
}

interface FoundOptions {
  readonly found: ReleaseSums;
  readonly context: SourceContext;
}

async function archive(
  tag: ReleaseTag,
  name: string | SaddlebagError,
  options: FoundOptions,
): Promise<PlannedFile> {
  if (name instanceof SaddlebagError) throw name;
  return await covered(tag, name, options);
}

/** Returns a file that the sums file of the release must cover. */
async function covered(
  tag: ReleaseTag,
  name: string,
  { found, context }: FoundOptions,
): Promise<PlannedFile> {
  const digest = found.sums.get(name);
  if (digest === undefined) throw missingSum(name, found.where);
  const url = assetUrl(tag, name, context);
  const descriptor = await context.web.measure(url, { digest, signal: context.signal });
  return { name, descriptor, origin: { type: 'url', url } };
}

async function windowsFiles(
  tag: ReleaseTag,
  builds: readonly WindowsBuild[],
  context: SourceContext,
): Promise<readonly PlannedFile[]> {
  if (builds.length === 0) return [];
  const found = await releaseSums(
    tag,
    { downloads: DOWNLOADS, architecture: WINDOWS_ARCHITECTURE, catalogue: CATALOGUE },
    context,
  );
  const files = await collectProblems(
    [
      covered(tag, WINDOWS_TARBALL, { found, context }),
      ...builds.map((build) => windowsImages(tag, build, { found, context })),
      scriptOf(tag, WINDOWS_INSTALL_SCRIPT, context),
    ],
    { code: 'ERR_RESOLVE_FAILED', message: () => `Cannot resolve RKE2 ${tag.tag} for Windows` },
  );
  return [...files, fileOfBytes(sumsName(WINDOWS_ARCHITECTURE), found.bytes)];
}

/** Some releases make these archives after their sums file; then GitHub's API tells the digest, or the first download does. */
async function windowsImages(
  tag: ReleaseTag,
  build: WindowsBuild,
  { found, context }: FoundOptions,
): Promise<PlannedFile> {
  const names = windowsArchiveNames(build);
  const listed = names.find((name) => found.sums.has(name));
  if (listed !== undefined) return await covered(tag, listed, { found, context });
  const [name = ''] = names;
  const { digest } = await context.ask(ASSET_DIGEST, { tag: tag.tag, name });
  const url = assetUrl(tag, name, context);
  const descriptor = await context.web.measure(url, { digest, signal: context.signal });
  if (digest === undefined)
    context.warn({
      level: 'warning',
      message: `RKE2 ${tag.tag} tells no checksum of "${name}": the lock holds that of the first download`,
      hint: `Compare it with another download of "${redactUrl(url)}".`,
    });
  return { name, descriptor, origin: { type: 'url', url } };
}

/** A script is not a release asset: it is in the repository at the tag. */
async function scriptOf(tag: ReleaseTag, name: string, context: SourceContext): Promise<PlannedFile> {
  const url = urlBelow(urlOf(SOURCE, context), tag.tag, name);
  const descriptor = await context.web.measure(url, { signal: context.signal });
  return { name, descriptor, executable: true, origin: { type: 'url', url } };
}

function assetUrl(tag: ReleaseTag, name: string, context: SourceContext): string {
  return urlBelow(urlOf(DOWNLOADS, context), tag.tag, name);
}
