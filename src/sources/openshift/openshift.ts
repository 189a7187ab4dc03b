import { ARTIFACT_TYPE, type PlannedItem } from '../../bundle/format/item.ts';
import { isSaddlebagError, SaddlebagError } from '../../internal/error.ts';
import { compareText, uniqueBy } from '../../internal/order.ts';
import { mapCollecting } from '../../internal/problems.ts';
import { hexOf } from '../../oci/digest.ts';
import { formatReference } from '../../oci/reference.ts';
import { parsePlatform } from '../../oci/platform.ts';
import { SAMPLES_FILE } from '../../products/openshift/payload/samples.ts';
import { RELEASE_COMPONENT } from '../../products/openshift/payload/names.ts';
import { parseReleasePlace, releaseNames, tagArchitecture } from '../../products/openshift/payload/tags.ts';
import { type ReleaseTrust, trustedKeys } from '../../products/openshift/trust/verify-release.ts';
import { PROGRAMS, programSources } from '../../products/openshift/tools/programs.ts';
import { fileOfBytes, planArtifact } from '../images/planned-artifact.ts';
import type { ImageWant } from '../images/want.ts';
import type { SourceContext } from '../source.ts';
import { type ReleaseQuestion, RELEASES } from './graph.ts';
import type { Keyring } from './keyrings.ts';
import { isVersion, type OpenshiftPart } from './part.ts';
import { type Release, type ReleaseImage, readRelease } from './release.ts';
import { type Samples, samplesOf } from './samples.ts';
import { type ReleaseSignature, signaturesOf } from './signatures.ts';
import { wayBetween } from './upgrade-path.ts';

/** What a spec asks for, with its keyrings read. */
export interface OpenshiftWish extends OpenshiftPart {
  readonly keyrings: readonly Keyring[];
}

/** Releases as items, and the images that they consist of. */
export interface OpenshiftReleases {
  readonly releases: readonly Release[];
  readonly items: readonly PlannedItem[];
  readonly images: readonly ImageWant[];
}

const CONCURRENCY = 4;
const WHOLE = {
  code: 'ERR_RESOLVE_FAILED',
  message: () => 'Cannot resolve "openshift"',
  limit: CONCURRENCY,
} as const;

/**
 * Resolves the releases of a spec: each is read from its image, trusted by its signature, and stands for its components.
 *
 * @throws `ProblemsError` with everything that is not there, is no release, or cannot be trusted
 */
export async function resolveOpenshift(
  wish: OpenshiftWish,
  context: SourceContext,
): Promise<OpenshiftReleases> {
  const written = await releaseImages(wish, context);
  const read = await mapCollecting(written, {
    ...WHOLE,
    map: async (image) => await readRelease(image, context),
  });
  const releases = uniqueBy(read, ({ reference }) => formatReference(reference));
  const planned = await mapCollecting(releases, {
    ...WHOLE,
    map: async (release) => {
      requireTools(release, wish);
      const samples = wish.samples.length === 0 ? undefined : await samplesOf(release, wish.samples, context);
      return { samples, item: await planRelease(release, samples, { wish, context }) };
    },
  });
  const sampled = planned.flatMap(({ samples }) => samples?.images ?? []);
  return {
    releases,
    items: planned.map(({ item }) => item),
    images: [...imagesOf(releases, wish), ...sampled],
  };
}

/** Asks the update service for versions and channels; a reference stands for itself. */
async function releaseImages(
  { releases, channels, architecture, upgradePath }: OpenshiftWish,
  context: SourceContext,
): Promise<readonly ReleaseImage[]> {
  const references = releases.filter((written) => !isVersion(written)).map((written) => ({ written }));
  const versions = releases.filter(isVersion);
  const found = await mapCollecting([architecture].flat(), {
    ...WHOLE,
    map: async (each): Promise<readonly ReleaseImage[]> => {
      const questions: readonly ReleaseQuestion[] = [
        ...versions.map((version) => ({ version, architecture: each })),
        ...channels.map(({ name: channel, ...range }) => ({ channel, architecture: each, ...range })),
      ];
      const answers = await mapCollecting(questions, {
        ...WHOLE,
        map: async (question) => ({ question, nodes: await context.ask(RELEASES, question) }),
      });
      const way = upgradePath ? await wayBetween(answers, context) : [];
      return [...answers.flatMap(({ nodes }) => nodes), ...way].map(({ version, payload }) => ({
        written: payload,
        version,
      }));
    },
  });
  return uniqueBy([...references, ...found.flat()], ({ written }) => written);
}

function requireTools({ version, architecture, components }: Release, { tools = [] }: OpenshiftWish): void {
  const names = new Set(components.map(({ name }) => name));
  for (const tool of tools) {
    const places = PROGRAMS.map((program) => programSources(program, parsePlatform(tool), architecture));
    // Where there is no installer for a system, as for Windows, oc alone is meant.
    const lacking = places.find(
      (sources, index) =>
        (index === 0 || sources.length > 0) && !sources.some(({ component }) => names.has(component)),
    );
    if (lacking === undefined) continue;
    throw new SaddlebagError(
      'ERR_PLATFORM_NOT_FOUND',
      `Cannot find the tools of OpenShift ${version} for ${tool}: the release has none`,
      {
        hint: 'A release can have them for linux/amd64, linux/arm64, darwin/amd64 and darwin/arm64, and oc alone for windows/amd64.',
      },
    );
  }
}

async function planRelease(
  release: Release,
  samples: Samples | undefined,
  { wish, context }: { readonly wish: OpenshiftWish; readonly context: SourceContext },
): Promise<PlannedItem> {
  const { version, architecture, reference, files, keyrings } = release;
  const named = wish.keyrings.flatMap(({ keys }) => keys.map(({ fingerprint }) => fingerprint));
  const own = [...keyrings.values(), ...wish.keyrings.map(({ bytes }) => bytes)];
  const trust: ReleaseTrust = { keyrings: own, named };
  const signatures = await signaturesOrNone(release, trust, { wish, context });
  const useful = own.filter((keyring) => trustedKeys({ keyrings: [keyring], named }).length > 0);
  const artifact = planArtifact(ARTIFACT_TYPE.openshift, [
    ...[...files].map(([name, bytes]) => fileOfBytes(name, bytes)),
    ...(signatures.length === 0
      ? []
      : useful.map((bytes, index) => fileOfBytes(`keyring-${index + 1}`, bytes))),
    ...signatureFiles(signatures),
    ...(samples === undefined ? [] : [fileOfBytes(SAMPLES_FILE, samples.list)]),
  ]);
  const item = {
    kind: 'openshift',
    name: `${version}-${tagArchitecture(architecture)}`,
    descriptor: artifact.descriptor,
    audience: ['files'],
    version,
    architecture,
    image: formatReference(reference),
    keys: named.length === 0 ? undefined : [...new Set(named)].sort(compareText),
    unsigned: signatures.length === 0 ? true : undefined,
  } as const;
  return { item, blobs: artifact.blobs };
}

async function signaturesOrNone(
  release: Release,
  trust: ReleaseTrust,
  { wish, context }: { readonly wish: OpenshiftWish; readonly context: SourceContext },
): Promise<readonly ReleaseSignature[]> {
  try {
    return await signaturesOf(release, trust, context);
  } catch (error) {
    const isUntrusted =
      isSaddlebagError(error, 'ERR_SIGNATURE_MISSING') || isSaddlebagError(error, 'ERR_SIGNATURE_INVALID');
    if (!wish.unsigned || !isUntrusted) throw error;
    context.warn({
      level: 'warning',
      message: `${error.message}; the spec accepts it anyway`,
      hint: 'A cluster refuses to update to a release whose signature it does not have.',
    });
    return [];
  }
}

/** Named as the keys of the ConfigMap that a cluster reads: `sha256-<hex>-1`. */
function signatureFiles(signatures: readonly ReleaseSignature[]): readonly ReturnType<typeof fileOfBytes>[] {
  const groups = Map.groupBy(signatures, ({ digest }) => digest);
  return [...groups].flatMap(([digest, all]) =>
    all.map(({ bytes }, index) => fileOfBytes(`sha256-${hexOf(digest)}-${index + 1}`, bytes)),
  );
}

/** Of several architectures of a version, only one can have the tag without architecture. */
function imagesOf(releases: readonly Release[], { repository }: OpenshiftWish): readonly ImageWant[] {
  const place = parseReleasePlace(repository);
  if (typeof place === 'string') throw new TypeError(`the schema let "${repository}" pass`);
  const taken = new Set<string>();
  const ordered = releases.toSorted((left, right) => rank(left) - rank(right));
  return ordered.flatMap((release) => {
    const names = releaseNames(RELEASE_COMPONENT, release, place).filter((name) => !taken.has(name));
    for (const name of names) taken.add(name);
    const components = release.components.map(({ name, reference }) => ({
      reference: formatReference(reference),
      at: releaseNames(name, release, place),
    }));
    return [{ reference: formatReference(release.reference), at: names }, ...components];
  });
}

function rank({ architecture }: Release): number {
  return ['multi', 'amd64'].includes(architecture) ? ['multi', 'amd64'].indexOf(architecture) : 2;
}
