import type { Finding } from '../../internal/finding.ts';
import { ARTIFACT_TYPE, type PlannedItem } from '../../bundle/format/item.ts';
import { type ImageDigests, parseImageDigests } from '../../spec/lists/digests.ts';
import { parseImageList } from '../../spec/lists/images.ts';
import type { RancherPart } from './part.ts';
import { certManagerImages } from '../charts/images/cert-manager.ts';
import { planArtifact } from '../images/planned-artifact.ts';
import { fetchRancherRelease, type RancherFile } from './release.ts';
import type { SourceContext } from '../source.ts';

/** Everything a Rancher release needs. */
export interface RancherRelease {
  /** Its tag, such as `v2.9.2`. */
  readonly tag: string;
  /** Its lists, as published. */
  readonly items: readonly PlannedItem[];
  /** References for Linux nodes, cert-manager's among them. */
  readonly linux: readonly string[];
  /** References for Windows nodes. */
  readonly windows: readonly string[];
  /** Digests of the images at release time, as far as the release lists them. */
  readonly digests: ImageDigests;
}

/** Published beside the sums file since some 2.7 release; lines may lack a digest. */
const DIGESTS = 'rancher-images-digests-linux.txt';
const LINUX = 'rancher-images.txt';
const WINDOWS = 'rancher-windows-images.txt';

/**
 * Turns `rancher` into the references that the release lists, and an item with its lists.
 *
 * @throws `ERR_UPSTREAM_NOT_FOUND` with the nearest release, `ERR_CHECKSUM_MISSING`, `ERR_DIGEST_MISMATCH`, `ERR_LIST_INVALID`
 */
export async function resolveRancher(part: RancherPart, context: SourceContext): Promise<RancherRelease> {
  const tag = `v${part.version.replace(/^v/, '')}`;
  const wanted = part.windows ? [LINUX, WINDOWS] : [LINUX];
  const files = await fetchRancherRelease(tag, { wanted, optional: [DIGESTS] }, context);
  const artifact = planArtifact(ARTIFACT_TYPE.rancher, files);
  const item = {
    kind: 'rancher',
    name: tag,
    descriptor: artifact.descriptor,
    audience: ['files'],
  } as const;
  for (const name of wanted)
    if (referencesIn(files, name, tag).length === 0) context.warn(emptyList(name, tag));
  const linux = referencesIn(files, LINUX, tag);
  return {
    tag,
    items: [{ item, blobs: artifact.blobs }],
    linux: [...linux, ...(part.certManager === undefined ? [] : certManagerImages(part.certManager))],
    windows: referencesIn(files, WINDOWS, tag),
    digests: parseImageDigests(textOf(files, DIGESTS), `${DIGESTS} of Rancher ${tag}`),
  };
}

function referencesIn(files: readonly RancherFile[], name: string, tag: string): readonly string[] {
  return parseImageList(textOf(files, name), `${name} of Rancher ${tag}`).map(({ text }) => text);
}

function emptyList(name: string, tag: string): Finding {
  return {
    level: 'warning',
    message: `The list "${name}" of Rancher ${tag} lists nothing`,
    hint: 'That is what the release has: look at it, or at the mirror that upstreams names.',
  };
}

function textOf(files: readonly RancherFile[], name: string): string {
  const file = files.find((candidate) => candidate.name === name);
  return file === undefined ? '' : Buffer.from(file.bytes).toString('utf8');
}
