import semver from 'semver';
import { isSaddlebagError, SaddlebagError } from '../../internal/error.ts';
import { redactUrl } from '../../internal/http/redact.ts';
import { collectProblems } from '../../internal/problems.ts';
import { forMessage } from '../web/for-message.ts';
import { nearestVersions } from '../web/nearest-version.ts';
import { fileOfBytes, type PlannedFile } from '../images/planned-artifact.ts';
import { type SourceContext, urlOf } from '../source.ts';
import { DOWNLOADS } from './upstreams.ts';
import { missingSum, parseSums } from '../web/sums-file.ts';
import { urlBelow } from '../web/url-path.ts';

/** A small file of a release, in memory. */
export interface RancherFile extends PlannedFile {
  readonly bytes: Uint8Array;
}

/** Lines of one space between checksum and name (rancher/rancher, `scripts/artifacts-hashes.sh`). */
const SUMS = 'sha256sum.txt';
/** Checksums of the digest lists, which are made later than the rest. */
const DIGESTS_SUMS = 'images-digests-sha256sum.txt';

/**
 * Returns files of a Rancher release, each checked against the release's own sums file, which is included. Skips `optional`
 * files that do not exist.
 *
 * @throws `ProblemsError`; `ERR_UPSTREAM_NOT_FOUND` with the nearest release for a file that does not exist
 */
export async function fetchRancherRelease(
  tag: string,
  files: {
    readonly wanted: readonly string[];
    readonly optional: readonly string[];
    /** Optional files that locks of earlier versions of this program do not know. */
    readonly recent?: readonly string[] | undefined;
  },
  context: SourceContext,
): Promise<readonly RancherFile[]> {
  const sums = await sumsOf(tag, context);
  const tasks = files.wanted.map((name) => fetchCovered(tag, name, sums, context));
  const wanted = await collectProblems(tasks, {
    code: 'ERR_RESOLVE_FAILED',
    message: () => `Cannot fetch the lists of Rancher ${tag}`,
  });
  const laterSums = await orNothing(fetchFile(tag, DIGESTS_SUMS, context));
  const { recent = [] } = files;
  const optional = [...files.optional, ...recent].map(async (name) => {
    const file = await orNothing(fetchFile(tag, name, context), { mayBeUnlocked: recent.includes(name) });
    if (file === undefined) return [];
    for (const one of [sums, ...(laterSums === undefined ? [] : [laterSums])])
      requireSum(file, one, { tag, mayLack: true, context });
    return [file];
  });
  const others = (await Promise.all(optional)).flat();
  return [...wanted, sums, ...(laterSums !== undefined && others.length > 0 ? [laterSums] : []), ...others];
}

async function fetchCovered(
  tag: string,
  name: string,
  sums: RancherFile,
  context: SourceContext,
): Promise<RancherFile> {
  const file = await fetchFile(tag, name, context);
  requireSum(file, sums, { tag, mayLack: false, context });
  return file;
}

function requireSum(
  { name, descriptor: { digest: found } }: RancherFile,
  sums: RancherFile,
  options: { readonly tag: string; readonly mayLack: boolean; readonly context: SourceContext },
): void {
  const where = redactUrl(assetUrl(options.tag, sums.name, options.context));
  const expected = parseSums(sums.bytes, where).get(name);
  if (expected === undefined && options.mayLack) return;
  if (expected === undefined) throw missingSum(name, where);
  if (expected === found) return;
  throw new SaddlebagError(
    'ERR_DIGEST_MISMATCH',
    `Cannot verify "${name}" of Rancher ${options.tag}: expected "${expected}", found "${found}"`,
    {
      hint: 'The file changed upstream, or something in between changes it. Try again, then ask whoever publishes it.',
    },
  );
}

async function fetchFile(tag: string, name: string, context: SourceContext): Promise<RancherFile> {
  const bytes = await context.web.document(assetUrl(tag, name, context), context);
  return { ...fileOfBytes(name, bytes), bytes };
}

async function sumsOf(tag: string, context: SourceContext): Promise<RancherFile> {
  try {
    return await fetchFile(tag, SUMS, context);
  } catch (error) {
    if (!isSaddlebagError(error, 'ERR_UPSTREAM_NOT_FOUND')) throw error;
    throw await unknownRelease(tag, context, error);
  }
}

async function orNothing<T>(
  asked: Promise<T>,
  { mayBeUnlocked = false }: { readonly mayBeUnlocked?: boolean } = {},
): Promise<T | undefined> {
  try {
    return await asked;
  } catch (error) {
    if (isSaddlebagError(error, 'ERR_UPSTREAM_NOT_FOUND')) return undefined;
    if (mayBeUnlocked && isSaddlebagError(error, 'ERR_LOCK_INCOMPLETE')) return undefined;
    throw error;
  }
}

/** Downloads cannot be listed, least of all on a mirror, so neighbouring releases are tried by name. */
async function unknownRelease(
  tag: string,
  context: SourceContext,
  cause: SaddlebagError,
): Promise<SaddlebagError> {
  const asked = neighboursOf(tag).map(async (candidate) => {
    const found = await forMessage(fetchFile(candidate, SUMS, context));
    return found === undefined ? [] : [candidate];
  });
  const near = nearestVersions(tag, (await Promise.all(asked)).flat());
  const url = redactUrl(assetUrl(tag, SUMS, context));
  return new SaddlebagError('ERR_UPSTREAM_NOT_FOUND', `Cannot find Rancher ${tag}: there is no "${url}"`, {
    hint:
      near.length === 0
        ? 'Write a published release such as "v2.9.2"; "rancherDownloads" under "upstreams" says where they are.'
        : `The nearest published release is ${near.join(' or ')}.`,
    cause,
  });
}

/** Some patches below and above, and the first releases of neighbouring minors. */
function neighboursOf(tag: string): readonly string[] {
  const { major, minor, patch } = semver.parse(tag) ?? { major: 2, minor: 0, patch: 0 };
  const patches = [-4, -3, -2, -1, 0, 1, 2].map((step) => patch + step).filter((number) => number >= 0);
  const candidates = [
    ...patches.map((number) => `v${major}.${minor}.${number}`),
    ...[minor - 1, minor, minor + 1].filter((number) => number >= 0).map((number) => `v${major}.${number}.0`),
  ];
  return [...new Set(candidates)].filter((candidate) => candidate !== tag);
}

function assetUrl(tag: string, name: string, context: SourceContext): string {
  return urlBelow(urlOf(DOWNLOADS, context), tag, name);
}
